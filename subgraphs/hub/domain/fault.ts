/** What is wrong with something that was sent: the field, and a public sentence that says what to do. */
export interface Fault {
  field: string
  message: string
  code: string
}

export const fault = (field: string, message: string, code = 'INVALID'): Fault => ({ field, message, code })
