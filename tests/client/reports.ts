/** What is reported as uncaught for as long as it is not disposed. */
export function reports() {
  const messages: string[] = [];
  const report = (event: ErrorEvent) => {
    event.preventDefault();
    messages.push(event.error.message);
  };
  addEventListener("error", report);
  return { messages, [Symbol.dispose]: () => removeEventListener("error", report) };
}
