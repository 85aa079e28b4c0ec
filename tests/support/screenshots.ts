/** Keeps what pages looked like, outside the repository: NHIP_SCREENSHOTS names the folder. */
import type { Page } from "playwright-core";

export class Screenshots {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** In the system's folder for what is temporary unless another is named; what is there goes. */
  static async open(): Promise<Screenshots> {
    const folder = Deno.env.get("NHIP_SCREENSHOTS") || await beside();
    await Deno.mkdir(folder, { recursive: true });
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (isFile && name.endsWith(".png")) await Deno.remove(`${folder}/${name}`);
    }
    return new Screenshots(folder);
  }

  /** All of the page, from its top to its end; with a dialog above it, what can be seen. */
  async keep(page: Page, name: string): Promise<void> {
    const fullPage = await page.locator("dialog[open]").count() === 0;
    await page.screenshot({ path: `${this.folder}/${name}.png`, fullPage });
  }
}

/** A folder of the same name each time, so that runs do not fill the disk. */
async function beside(): Promise<string> {
  const made = await Deno.makeTempDir();
  await Deno.remove(made);
  return `${made.slice(0, made.lastIndexOf("/"))}/nhip-screenshots`;
}
