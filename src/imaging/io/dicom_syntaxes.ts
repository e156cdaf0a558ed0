/** How the pixels of a DICOM file are stored. */
export interface TransferSyntax {
  /** Its name in the standard (DICOM PS3.6, table A-1). */
  name: string;
  /** Whether the converter decodes it; tried with files of each. */
  supported: boolean;
}

const supported = (name: string): TransferSyntax => ({ name, supported: true });
const unsupported = (name: string): TransferSyntax => ({ name, supported: false });

const SYNTAXES: Readonly<Record<string, TransferSyntax>> = {
  "1.2.840.10008.1.2": supported("Implicit VR Little Endian"),
  "1.2.840.10008.1.2.1": supported("Explicit VR Little Endian"),
  "1.2.840.10008.1.2.1.99": unsupported("Deflated Explicit VR Little Endian"),
  "1.2.840.10008.1.2.2": supported("Explicit VR Big Endian"),
  "1.2.840.10008.1.2.5": supported("RLE Lossless"),
  "1.2.840.10008.1.2.4.50": supported("JPEG Baseline (8 bit)"),
  "1.2.840.10008.1.2.4.51": unsupported("JPEG Extended (12 bit)"),
  "1.2.840.10008.1.2.4.57": supported("JPEG Lossless, Process 14"),
  "1.2.840.10008.1.2.4.70": supported("JPEG Lossless, Process 14, Selection Value 1"),
  "1.2.840.10008.1.2.4.80": supported("JPEG-LS Lossless"),
  "1.2.840.10008.1.2.4.81": supported("JPEG-LS Near-Lossless"),
  "1.2.840.10008.1.2.4.90": supported("JPEG 2000 Lossless"),
  "1.2.840.10008.1.2.4.91": supported("JPEG 2000"),
  "1.2.840.10008.1.2.4.92": unsupported("JPEG 2000 Part 2 Multi-component Lossless"),
  "1.2.840.10008.1.2.4.93": unsupported("JPEG 2000 Part 2 Multi-component"),
  "1.2.840.10008.1.2.4.100": unsupported("MPEG2 Main Profile / Main Level"),
  "1.2.840.10008.1.2.4.102": unsupported("MPEG-4 AVC/H.264 High Profile / Level 4.1"),
  "1.2.840.10008.1.2.4.110": unsupported("JPEG XL Lossless"),
  "1.2.840.10008.1.2.4.112": unsupported("JPEG XL"),
  "1.2.840.10008.1.2.4.201": unsupported("High-Throughput JPEG 2000 Lossless"),
  "1.2.840.10008.1.2.4.202": unsupported("High-Throughput JPEG 2000 with RPCL Lossless"),
  "1.2.840.10008.1.2.4.203": unsupported("High-Throughput JPEG 2000"),
};

/** The transfer syntax of a UID; one that is not in the table is unsupported. */
export function transferSyntax(uid: string): TransferSyntax {
  return SYNTAXES[uid] ?? unsupported("of no known name");
}
