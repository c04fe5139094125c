/** Names the place an API key is sealed for: it opens nowhere else. */
export const keyPlace = (orgId: string, integrationId: string): string => `${orgId} c3 ${integrationId}`

const LONGEST_KEY = 500

/** Whether a text can be a key of C3's: it travels in a header. */
export const isKey = (text: string): boolean => /^[\x21-\x7e]+$/.test(text) && text.length <= LONGEST_KEY
