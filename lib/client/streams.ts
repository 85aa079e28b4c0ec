/** The entry point for pages that only listen to streams: the smallest client. */
import type {
  ChannelTypes,
  DataOf,
  StreamName,
  StreamsClient,
  StreamsOptions,
  StreamSource,
  Typed,
} from "./api.ts";
import { CoreChannel, CoreClient, network } from "./core.ts";

/** As `connect` of the whole client, without everything but streams. */
export function connect<Types extends Typed<Types> = ChannelTypes>(
  url: string | URL,
  options: StreamsOptions = {},
): StreamsClient<Types> {
  return new Listening<Types>(new URL(url), options, network);
}

class Listening<Types extends Typed<Types>> extends CoreClient implements StreamsClient<Types> {
  channel<Name extends StreamName<Types>>(name: Name): StreamSource<DataOf<Types, Name>> {
    // The wire's data gets the type that the application gives the channel.
    return new CoreChannel(this, name) as unknown as StreamSource<DataOf<Types, Name>>;
  }
}

export type * from "./api.ts";
