/** How English says whether something is asked, wished, denied or told, where words alone do not show it. */
import type { Forms } from './language.ts'

const all = (words: string): ReadonlySet<string> => new Set(words.split(' '))

export const FORMS: Forms = {
  showing: all(
    'show list display give tell find look view print read present see open pull explain describ summariz',
  ),
  demand:
    /\b(?:should|must|needs? to|has to|have to|ought to|shall|to) (?:be|get)\b|\bneeds? (?:an? |the |to |syncing|its )|\bwants? .* to be\b/,
  done: /(?:ed|en)$|^(?:won|lost|sent|paid|bought|sold|held|made|done|dealt|fixed)$/,
  many: /[a-z]{3}[^su]s$/,
  underWay: /(?:ed|en|ing)$|^(?:sent|put|made|redone|rerun|brought|cut|shut)$/,
  whether: all('is are was were will does did has had should would could can might'),
  wishing: all('do have'),
  having: all('have'),
  beforeThings: all('a the an another hubspot c3 all our full'),
  forbidding: /^(?:do not|never)\b/,
  excepting: all('without none except unless'),
  untilNow: all(
    'yet been fully completely already have has had ever really even being be so far properly actually got is are was were',
  ),
  harmless: all('stop nothing'),
  opening: 'open',
  beforeOpened: all('the my our up me a an any some new'),
  choosing: all('the a one number please option take choos i mean meant want show me open'),
  inNames: all('and of the de der van'),
  beforeNames: all('the our my a customer company client account'),
  nameless: all('hubspot c3 warp rfq mrr i sip hub kpi api crm ltv clv todo sync show please dlq did e911'),
  eitherAccount: all('account'),
}
