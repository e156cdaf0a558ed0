/** What a reader may think of a case. */
const RATINGS = ["good", "doubtful", "bad"];

/** A choice of a rating; the page's script keeps it in the browser. */
export function RatingChoice({ of, label }: { of: string; label: string }) {
  return (
    <select class="rating" data-rate={of} aria-label={label}>
      <option value="">not rated</option>
      {RATINGS.map((rating) => <option value={rating}>{rating}</option>)}
    </select>
  );
}
