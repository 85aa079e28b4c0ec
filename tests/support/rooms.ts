/** A namespace in which a client may do all that the protocol can ask for. */
export const roomRights = {
  subscribe: "anyone",
  publish: "subscriber",
  presence: "subscriber",
  history: "subscriber",
} as const;

/** The same as a CHANNELS_FILE. */
export const rooms = {
  namespaces: [{
    name: "room",
    history: { size: 100, ttl: "1h" },
    presence: true,
    joinLeave: true,
    allow: roomRights,
  }],
};
