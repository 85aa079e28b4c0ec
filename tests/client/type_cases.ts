/** Lines of an application, right and wrong; what they may use is the head of types_test.ts. */
interface TypeCase {
  readonly name: string;
  readonly right: string;
  readonly wrong: string;
  /** What the compiler has to say, at that line. */
  readonly says: RegExp;
}

const message = `{ id: "1", room: "help", author: "an", text: "xin chào", at: 1 }`;
const point =
  `{ id: "7", lat: 10.8, lon: 106.7, speed: 9, route: "1", headsign: "Bến Thành", at: 1 }`;

export const cases: readonly TypeCase[] = [
  {
    name: "a payload lacks a field",
    right: `client.channel("chat:help").publish(${message})`,
    wrong: `client.channel("chat:help").publish({ id: "1", room: "help", author: "an", at: 1 })`,
    says: /Property 'text' is missing/,
  },
  {
    name: "a payload has a field of another type",
    right: `client.channel("chat:help").publish(${message})`,
    wrong: `client.channel("chat:help").publish(${message.replace("at: 1", `at: "1"`)})`,
    says: /Type 'string' is not assignable to type 'number'/,
  },
  {
    name: "a payload has a field too many",
    right: `client.channel("chat:help").publish(${message})`,
    wrong: `client.channel("chat:help").publish(${message.replace("{", "{ mood: 1,")})`,
    says: /'mood' does not exist in type/,
  },
  {
    name: "a payload of another namespace",
    right: `client.state("vehicles:all").publish("7", ${point})`,
    wrong: `client.state("vehicles:all").publish("7", ${message})`,
    says: /not assignable to parameter|does not exist in type/,
  },
  {
    name: "a state's value without its key",
    right: `client.state("vehicles:all").publish("7", ${point}, { everyMs: 500 })`,
    wrong: `client.state("vehicles:all").publish(${point})`,
    says: /Expected 2-3 arguments, but got 1/,
  },
  {
    name: "a stream's publication with a key",
    right: `client.channel("chat:help").publish(${message})`,
    wrong: `client.channel("chat:help").publish("1", ${message})`,
    says: /Expected 1 arguments, but got 2/,
  },
  {
    name: "a state channel taken for a stream",
    right: `client.state("orders:all")`,
    wrong: `client.channel("orders:all")`,
    says: /'"orders:all"' is not assignable to parameter of type/,
  },
  {
    name: "a stream taken for a state channel",
    right: `client.channel("chat:help")`,
    wrong: `client.state("chat:help")`,
    says: /'"chat:help"' is not assignable to parameter of type/,
  },
  {
    name: "a stream of a namespace there is not",
    right: `client.channel("public:news")`,
    wrong: `client.channel("pubic:news")`,
    says: /'"pubic:news"' is not assignable to parameter of type/,
  },
  {
    name: "a state channel of a namespace there is not",
    right: `client.state("stock:all")`,
    wrong: `client.state("stocks:all")`,
    says: /'"stocks:all"' is not assignable to parameter of type/,
  },
  {
    name: "a name without a namespace",
    right: `client.channel("chat:help")`,
    wrong: `client.channel("chat")`,
    says: /'"chat"' is not assignable to parameter of type/,
  },
  {
    name: "a name known at run time alone",
    right: "client.channel(`chat:${text}`)",
    wrong: "client.channel(text)",
    says: /'string' is not assignable to parameter of type/,
  },
  {
    name: "what a room's name made at run time carries",
    right: "client.channel(`chat:${text}`).publish(" + message + ")",
    wrong: "client.channel(`chat:${text}`).publish({ text })",
    says: /missing the following properties.*: id, room, author, at/,
  },
  {
    name: "a listener that misreads a publication",
    right: `client.channel("chat:help").subscribe(({ data }) => use<string>(data.text))`,
    wrong: `client.channel("chat:help").subscribe(({ data }) => use<string>(data.body))`,
    says: /Property 'body' does not exist on type/,
  },
  {
    name: "a loop that misreads a publication",
    right:
      `for await (const { data } of client.channel("chat:a").subscribe()) use<number>(data.at)`,
    wrong:
      `for await (const { data } of client.channel("chat:a").subscribe()) use<string>(data.at)`,
    says: /'number' is not assignable to parameter of type 'string'/,
  },
  {
    name: "a loop that misreads a state",
    right: `for await (const all of client.state("orders:all").subscribe()) use<Orders>(all)`,
    wrong: `for await (const all of client.state("stock:all").subscribe()) use<Orders>(all)`,
    says: /not assignable to parameter of type 'Orders'/,
  },
  {
    name: "a change whose key may be gone",
    right: `client.state("orders:all").subscribe({ onChange: ({ data }) => use(data?.status) })`,
    wrong: `client.state("orders:all").subscribe({ onChange: ({ data }) => use(data.status) })`,
    says: /'data' is possibly 'undefined'/,
  },
  {
    name: "a status that an order cannot have",
    right: `use(client.state("orders:all").entries?.get("1")?.status === "shipped")`,
    wrong: `use(client.state("orders:all").entries?.get("1")?.status === "lost")`,
    says: /have no overlap/,
  },
  {
    name: "data of a namespace that says no type",
    right: `client.channel("public:news").subscribe(({ data }) => use<unknown>(data))`,
    wrong: `client.channel("public:news").subscribe(({ data }) => use<string>(data))`,
    says: /'unknown' is not assignable to parameter of type 'string'/,
  },
  {
    name: "a history's publications",
    right:
      `use<string | undefined>((await client.channel("chat:a").history()).publications[0]?.data.text)`,
    wrong:
      `use<number | undefined>((await client.channel("chat:a").history()).publications[0]?.data.text)`,
    says: /'string \| undefined' is not assignable/,
  },
  {
    name: "an application's own types",
    right: `own.state("cards:a").publish("1", { lane: "todo" })`,
    wrong: `own.state("cards:a").publish("1", { lane: "later" })`,
    says: /'"later"' is not assignable to type/,
  },
  {
    name: "types that leave open what has keys",
    right: `connect<{ a: { data: number; keyed: true } }>("/").state("a:b")`,
    wrong: `connect<{ a: { data: number } }>("/").state("a:b")`,
    says: /does not satisfy the constraint 'Typed<.*>'/,
  },
  {
    name: "an application's own interface",
    right: `connect<Own>("/").state("cards:a").publish("1", "todo")`,
    wrong: `connect<Own>("/").state("cards:a").publish("1", 1)`,
    says: /'number' is not assignable to parameter of type 'string'/,
  },
  {
    name: "a channel without a prefix, where there are such",
    right: `connect<Own>("/").channel("lobby").publish({ lobby: 1 })`,
    wrong: `connect<Own>("/").channel("lobby").publish("text")`,
    says: /'string' is not assignable to parameter of type '{ lobby: number; }'/,
  },
  {
    name: "one without a prefix that is known at run time alone",
    right: `connect<Own>("/").channel(text).subscribe(({ data }) => use<number>(data.lobby))`,
    wrong: `connect<Own>("/").channel(text).subscribe(({ data }) => use<string>(data.lobby))`,
    says: /'number' is not assignable to parameter of type 'string'/,
  },
  {
    name: "one of a namespace there is not, where there are such without a prefix",
    right: `connect<Own>("/").channel("more:a").subscribe(({ data }) => use<unknown>(data))`,
    wrong: `connect<Own>("/").channel("more:a").subscribe(({ data }) => use<string>(data))`,
    says: /'unknown' is not assignable to parameter of type 'string'/,
  },
  {
    name: "a WebSocket of another kind, such as npm's ws",
    right: `connect("/", { environment: { WebSocket: WsSocket } })`,
    wrong: `connect("/", { environment: { WebSocket: Deaf } })`,
    says: /Property 'onmessage' is missing in type 'Deaf'/,
  },
  {
    name: "the platform's own WebSocket and fetch",
    right: `connect("/", { environment: { WebSocket, fetch } })`,
    wrong: `connect("/", { environment: { WebSocket: fetch } })`,
    says: /is not assignable to type 'new \(url: URL\) => Socket'/,
  },
  {
    name: "a fetch of another kind, such as undici's",
    right: `connect("/", { environment: { fetch: otherFetch } })`,
    wrong: `connect("/", { environment: { fetch: () => Promise.resolve(text) } })`,
    says: /not assignable to type/,
  },
  {
    name: "an untyped client takes any channel, and data is unknown",
    right: `untyped.channel(text).subscribe(({ data }) => use<unknown>(data))`,
    wrong: `untyped.channel(text).subscribe(({ data }) => use<string>(data))`,
    says: /'unknown' is not assignable to parameter of type 'string'/,
  },
  {
    name: "what a channel carries, by its name",
    right: `use<ChannelData<"chat:help">>(${message})`,
    wrong: `use<ChannelData<"chat:help">>(${point})`,
    says: /does not exist in type/,
  },
  {
    name: "an option there is not",
    right: `connect<Channels>("/", { token: () => Promise.resolve(text), batchWindow: 200 })`,
    wrong: `connect<Channels>("/", { token: () => Promise.resolve(text), batchWindw: 200 })`,
    says: /'batchWindw' does not exist in type 'ConnectOptions'/,
  },
];
