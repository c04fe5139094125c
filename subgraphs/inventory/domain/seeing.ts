/** What a record of C3's says under a field is personal data: what is written of people, and how companies of one person are reached. */
const PERSONAL: Readonly<Record<string, readonly string[]>> = {
  rfqs: ['buyer', 'note'],
  customers: ['name', 'phone'],
}

/** Whether it is. */
export const isPersonalField = (type: string, field: string): boolean =>
  PERSONAL[type]?.includes(field) ?? false
