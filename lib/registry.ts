/** The channels of this program: those that ship with it, and those of an operator's CHANNELS_FILE. */
import { type Environment, readSources } from "./bridge/source.ts";
import { bridgeNamespaces, Sources } from "./bridge/sources.ts";
import { ChannelRegistry, namespaces } from "./channels.ts";
import { parseChannelsFile } from "./channels_file.ts";

export interface Channels {
  readonly registry: ChannelRegistry;
  /** What the bridge polls. */
  readonly sources: Sources;
  /** For the operator. */
  readonly warnings: readonly string[];
}

/**
 * @param path of the file; undefined: there is none.
 * @throws Error that names the file and the field, or the variable that is missing.
 */
export async function readChannels(path: string | undefined, env: Environment): Promise<Channels> {
  if (path === undefined) {
    const registry = new ChannelRegistry(namespaces);
    return { registry, sources: new Sources([]), warnings: [] };
  }
  const file = parseChannelsFile(await Deno.readTextFile(path), path, env);
  const sources = new Sources(readSources(file.bridge ?? { sources: [] }, env));
  const bridged = file.bridge === null ? [] : bridgeNamespaces(sources);
  const registry = new ChannelRegistry([...namespaces, ...file.namespaces, ...bridged]);
  return { registry, sources, warnings: file.warnings };
}
