export { type Triple, type Volume } from "../imaging/volume.ts";
export { readImage, readLabel } from "../datasets/read_scan.ts";
export { writeNifti } from "../imaging/files/nifti_file.ts";
export { decodeNifti, encodeNifti } from "../imaging/io/nifti.ts";
export { encodeSegmentation } from "../imaging/io/dicom_seg.ts";
export { axisCodes } from "../imaging/geometry.ts";
export { keepLargestComponents } from "../imaging/components.ts";
export { applyToImage, applyToLabel, mapOfRecipe, type Recipe, undo } from "../imaging/recipe.ts";
export { supervoxels } from "../imaging/supervoxels.ts";
