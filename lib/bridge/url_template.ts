/** A URL whose path and query may have parameters: `https://host/stores/{id}/orders?page={page}`. */
export class UrlTemplate {
  readonly text: string;
  /** Names in the order in which they first appear. */
  readonly params: readonly string[];
  readonly #slashes: number;

  /** @throws Error that says what is wrong. */
  constructor(text: string) {
    const [, authority = ""] = /^https?:\/\/([^/?#]*)/i.exec(text) ?? [];
    if (/[{}]/.test(authority)) throw new Error("has a parameter in its host");
    const names = [...text.matchAll(placeholder)].map(([, name = ""]) => name);
    const filled = text.replaceAll(placeholder, "x");
    if (/[{}]/.test(filled)) {
      throw new Error("has braces that are no parameter, such as {id}");
    }
    if (!URL.canParse(filled)) throw new Error("is not a URL");
    const url = new URL(filled);
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      throw new Error(`begins with ${url.protocol}; only http: and https: are fetched`);
    }
    if (url.username !== "" || url.password !== "") {
      throw new Error("has a user or password in it: give an Authorization header");
    }
    if (text.includes("#")) throw new Error("has a fragment (#), which is never sent");
    this.text = text;
    this.params = [...new Set(names)];
    this.#slashes = slashes(url);
  }

  /**
   * @param values of `params`, in their order.
   * @returns undefined when a value, such as "..", would lead to another path.
   */
  expand(values: readonly string[]): string | undefined {
    const text = this.text.replaceAll(
      placeholder,
      (_, name: string) => encodeURIComponent(values[this.params.indexOf(name)] ?? ""),
    );
    const url = new URL(text);
    return slashes(url) === this.#slashes ? url.href : undefined;
  }
}

const placeholder = /\{([A-Za-z_][A-Za-z0-9_]{0,31})\}/g;

/** Dot segments take slashes away. */
function slashes(url: URL): number {
  return url.pathname.split("/").length;
}
