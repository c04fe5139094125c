import { isId } from '#kernel/ids.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import { isReference, type Subject, subjectFault } from '../domain/person.ts'

/** Why somebody cannot be looked for as named; null when they can. */
export const refusedSubject = (
  subject: Subject,
  reference?: string | null,
): InvalidRefusal | MissingRefusal | null => {
  const fault = subjectFault(subject)
  if (fault) return invalid(fault.field, fault.message)
  if (subject.contactId && !isId(subject.contactId)) return missing('The person')
  if (reference != null && !isReference(reference))
    return invalid('reference', 'Use letters, digits and - _ . / # only, at most 40, and no long number.')
  return null
}

/** What was found instead of one person. */
export const notOnePerson = (found: 'nobody' | 'several'): InvalidRefusal | MissingRefusal =>
  found === 'nobody'
    ? missing('The person')
    : invalid(null, 'More than one person is meant by this. Name the person by e-mail address or by id.')
