/** Whether the runtime knows an encoding by this name (WHATWG labels: `windows-1252`, `iso-8859-1`, `shift_jis`). */
export function isEncoding(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}
