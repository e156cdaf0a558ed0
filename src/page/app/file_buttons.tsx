/// <reference lib="dom" />
import type { PageFile } from "../protocol.ts";
import type { Session } from "./session.ts";

/** Buttons with which files and folders are chosen. */
export function FileButtons({ session, label }: { session: Session; label: string }) {
  const take = (event: { currentTarget: HTMLInputElement }) => {
    const input = event.currentTarget;
    const files = [...input.files ?? []].map((file) => ({ path: file.webkitRelativePath || file.name, content: file }));
    input.value = "";
    if (files.length > 0) session.addFiles(files);
  };
  const isBusy = !!session.busy || !!session.running;
  return (
    <div class="buttons">
      <label class={`button ${isBusy ? "disabled" : ""}`}>
        {label}
        <input type="file" multiple disabled={isBusy} aria-label="Choose files" onChange={take} />
      </label>
      <label class={`button ${isBusy ? "disabled" : ""}`}>
        DICOM folder…
        <input
          type="file"
          disabled={isBusy}
          aria-label="Choose a DICOM folder"
          ref={(input) => input?.setAttribute("webkitdirectory", "")}
          onChange={take}
        />
      </label>
    </div>
  );
}

/** The files of what was dropped, folders unfolded. */
export async function droppedFiles(items: DataTransferItemList): Promise<PageFile[]> {
  // what an item is can only be asked while the drop is being told
  const dropped = [...items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found = await Promise.all(dropped.map(({ entry, file }): Promise<PageFile[]> | PageFile[] => {
    if (entry) return filesBelow(entry, entry.name);
    return file ? [{ path: file.name, content: file }] : [];
  }));
  return found.flat();
}

async function filesBelow(entry: FileSystemEntry, path: string): Promise<PageFile[]> {
  if (entry.isFile) {
    const content = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path, content }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader(), found: PageFile[] = [];
  for (;;) { // a reader tells a hundred at a time
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    for (const one of some) found.push(...await filesBelow(one, `${path}/${one.name}`));
  }
}
