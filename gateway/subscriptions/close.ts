/** Why the gateway closes a socket. Standard clients reconnect after these, and go on from their last cursor. */
export const CLOSE = {
  slowConsumer: [4290, 'SLOW_CONSUMER'],
  credentialExpired: [4291, 'CREDENTIAL_EXPIRED'],
  tooManySockets: [4292, 'TOO_MANY_SOCKETS'],
  unavailable: [4503, 'HUB_UNAVAILABLE'],
  /** Standard clients do not reconnect after these two. */
  unauthenticated: [4401, 'UNAUTHENTICATED'],
  revoked: [4403, 'FORBIDDEN'],
} as const satisfies Record<string, readonly [number, string]>
