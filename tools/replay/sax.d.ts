/** What is used of the package `sax`, which has no types of its own. */

/** An element's beginning, where namespaces are asked for. */
export interface QualifiedTag {
  /** Its name without a prefix. */
  readonly local: string;
  /** Its namespace; empty: none. */
  readonly uri: string;
  /** By their names as they are written. */
  readonly attributes: { readonly [name: string]: { readonly value: string } | undefined };
}

export interface Parser {
  /** Its message's first line says what is wrong. It goes on after it, where this returns. */
  onerror: (error: Error) => void;
  onopentag: (tag: QualifiedTag) => void;
  onclosetag: (name: string) => void;
  ontext: (text: string) => void;
  oncdata: (text: string) => void;
  /** Where it is, from 0 on. */
  readonly line: number;
  write(text: string): Parser;
  close(): Parser;
}

declare const sax: {
  parser(
    strict: true,
    options: { readonly xmlns: true; readonly position: true },
  ): Parser;
};

export default sax;
