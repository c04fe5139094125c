/** What is wrong with something that was sent: in which field, and why, as the end of a sentence that begins with the field. */
export interface Flaw {
  field: string
  problem: string
}

export const isFlaw = (value: object): value is Flaw => 'problem' in value && 'field' in value
