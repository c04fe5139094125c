/** What a person may do on the WARP telephone platform, as HubSpot keeps it of people. */
export const WARP_ROLES = ['ADMIN', 'DEVELOPER', 'BILLING', 'READONLY'] as const
export type WarpRole = (typeof WARP_ROLES)[number]
