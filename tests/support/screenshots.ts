/** Keeps what pages looked like, outside the repository: NHIP_SCREENSHOTS names the folder. */
import type { Page } from "playwright-core";

export class Screenshots {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Screenshots> {
    const folder = Deno.env.get("NHIP_SCREENSHOTS") || await emptied();
    await Deno.mkdir(folder, { recursive: true });
    return new Screenshots(folder);
  }

  /** All of the page, from its top to its end; with a dialog above it, what can be seen. */
  async keep(page: Page, name: string): Promise<void> {
    const fullPage = await page.locator("dialog[open]").count() === 0;
    await page.screenshot({ path: `${this.folder}/${name}.png`, fullPage });
  }
}

/** The same each time, where the system keeps what is temporary: runs do not fill the disk. */
async function emptied(): Promise<string> {
  const made = await Deno.makeTempDir();
  await Deno.remove(made);
  const folder = `${made.slice(0, made.lastIndexOf("/"))}/nhip-screenshots`;
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  return folder;
}
