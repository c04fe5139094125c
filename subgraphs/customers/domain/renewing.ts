/** When a token is due to be renewed, as a share of its life. */
export const DUE_AT = 0.8

/** When a token that lives so many seconds from an instant is to be renewed. */
export const renewalDueAt = (from: Date, seconds: number): Date =>
  new Date(from.getTime() + seconds * 1000 * DUE_AT)
