/**
 * Happening: one change of a record, as the portal tells of it. Source: who made it, in HubSpot's words.
 */

/** Who changed something. */
export interface Source {
  /** `CRM_UI`, `INTEGRATION`, `API`, `IMPORT`, … */
  changeSource: string
  sourceId: string
}

/** A user at a screen. */
export const BY_HAND: Source = { changeSource: 'CRM_UI', sourceId: 'userId:5500' }

export type Happening =
  | { what: 'creation' | 'deletion' | 'restore' | 'privacyDeletion'; type: string; id: string }
  | { what: 'propertyChange'; type: string; id: string; property: string; value: string }
  | { what: 'merge'; type: string; primary: string; merged: string; survivor: string; moved: number }
  | {
      what: 'associationChange'
      type: string
      id: string
      to: string
      toId: string
      typeId: number
      isPrimary: boolean
      removed: boolean
    }

/** Hears what happens in a portal. Nobody listens while no webhook is wanted, so that nothing is spent on telling. */
export type Ear = (happening: Happening, at: number, source: Source) => void
