/** Defines a member of a global for as long as it is not disposed. */
export function define(target: object, name: string, value: unknown): Disposable {
  const own = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true });
  return {
    [Symbol.dispose]() {
      if (own === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, own);
    },
  };
}
