/** Whether a text has more than so many bytes in UTF-8. */
export function isLonger(text: string, bytes: number): boolean {
  // A UTF-16 unit is at most 3 bytes of UTF-8: most texts need no encoding to be measured.
  if (text.length * 3 <= bytes) return false;
  return text.length > bytes || encoder.encode(text).byteLength > bytes;
}

const encoder = new TextEncoder();
