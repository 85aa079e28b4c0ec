const encoder = new TextEncoder();

/** A line for whoever started the program. */
export function say(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}
