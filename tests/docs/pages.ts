/** The examples that run in pages: served as they are, or bundled as an application would be. */
import { compileScript, parse } from "vue/compiler-sfc";
import { bundleFolder } from "./bundle_folder.ts";
import { exampleFolder } from "./example.ts";

export interface ExamplePages extends AsyncDisposable {
  /** Of the folder with all examples, at its root. */
  readonly url: string;
  /** The same folder, without a slash at its end. */
  readonly path: string;
  /** The address of a page that runs the module. */
  bundled(module: string): Promise<string>;
}

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
};

/** @param server its port in the examples @param client the text of the client's package */
export async function startPages(server: number, client: string): Promise<ExamplePages> {
  const { path, ...folder } = await exampleFolder({ server });
  await Deno.writeTextFile(`${path}/nhip-client.js`, client);
  await compileVue(path);
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const name = new URL(request.url).pathname.slice(1);
    const bytes = await Deno.readFile(`${path}/${name}`).catch(() => null);
    const type = types[name.slice(name.lastIndexOf(".") + 1)] ?? "text/plain";
    // Browsers ask for an icon, too.
    return bytes === null
      ? new Response(null, { status: name === "favicon.ico" ? 204 : 404 })
      : new Response(bytes, { headers: { "content-type": type } });
  });
  const url = `http://127.0.0.1:${http.addr.port}`;
  return {
    url,
    path,
    async bundled(module) {
      await bundleFolder(path, module, "bundled.js");
      const page = `<!doctype html><main></main><script type="module" src="/bundled.js"></script>`;
      await Deno.writeTextFile(`${path}/bundled.html`, page);
      return `${url}/bundled.html`;
    },
    async [Symbol.asyncDispose]() {
      await http.shutdown();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** What an application's build does of its components, and what mounts the one of the example. */
async function compileVue(path: string): Promise<void> {
  const { descriptor, errors } = parse(await Deno.readTextFile(`${path}/vue_lists.vue`));
  if (errors.length > 0) throw new Error(`vue_lists.vue: ${errors.join("; ")}`);
  const { content } = compileScript(descriptor, { id: "lists", inlineTemplate: true });
  await Deno.writeTextFile(`${path}/vue_component.js`, content);
  await Deno.writeTextFile(
    `${path}/vue_lists.js`,
    `import { createApp } from "vue";
     import Lists from "./vue_component.js";
     createApp(Lists).mount("main");`,
  );
}
