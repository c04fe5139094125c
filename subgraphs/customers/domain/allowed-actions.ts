/** What can be done with a customer, as it stands and by what somebody may do. */

/** How a customer stands. */
export interface Standing {
  /** Set when it was asked for by the id of a customer that was merged into it. */
  merged_into: string | null
  /** Its leading record in HubSpot. */
  lead_company_id: string | null
}

/** What is done to the record in HubSpot, and cannot be done without one. */
const OF_THE_COMPANY = new Set(['UPDATE_COMPANY', 'DELETE_COMPANY'])

/** The mutation that does it: `UPDATE_COMPANY` is done by `updateCompany`. */
export const mutationOf = (action: string): string =>
  action.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

/** Those of all actions that are not refused. @param may whether the caller holds what a mutation asks for */
export const actionsFor = <A extends string>(
  all: readonly A[],
  customer: Standing,
  may: (mutation: string) => boolean,
): A[] =>
  customer.merged_into
    ? []
    : all.filter(
        (action) =>
          (customer.lead_company_id !== null || !OF_THE_COMPANY.has(action)) && may(mutationOf(action)),
      )
