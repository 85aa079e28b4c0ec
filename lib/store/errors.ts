/** A request the shop cannot do, for a reason its sender may know: the message says which. */
export class StoreError extends Error {
  /** 404 not there, 409 not possible as things stand, 422 never possible, 503 try again. */
  readonly status: 404 | 409 | 422 | 503;

  constructor(status: StoreError["status"], message: string) {
    super(message);
    this.name = "StoreError";
    this.status = status;
  }
}
