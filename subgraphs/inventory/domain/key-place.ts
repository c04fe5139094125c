/** Names the place an API key is sealed for: it opens nowhere else. */
export const keyPlace = (orgId: string, integrationId: string): string => `${orgId} c3 ${integrationId}`
