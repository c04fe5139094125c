/** What busy people write short in English, and the words it stands for: unfolded before names are looked for. */

const SHORT = `tix tickets, tkt ticket, tkts tickets, cust customer, custs customers, acct account, accts accounts, acc account, accs accounts, org organization, orgs organizations,
  qty quantity, qtys quantities, pcs pieces, pces pieces, inv invoice, invs invoices, invc invoice, invcs invoices, amt amount, amts amounts, pmt payment, pmts payments, pymt payment,
  pymts payments, rev revenue, avg average, num number, nums numbers, nbr number, nbrs numbers, tel telephone, ph phone, tn telephone number, tns telephone numbers, msg message,
  msgs messages, cred credential, creds credentials, config configuration, cfg configuration, perms permissions, addr address, addrs addresses, ppl people, stat status,
  util utilization, hist history, prob probability, prio priority, sev severity, crit critical, sched schedule, scheds schedules, dup duplicate, dups duplicates, dupe duplicate, dupes duplicates,
  recs recommendations, recos recommendations, recalc recalculate, recomp recompute, susp suspend, txn transaction, txns transactions, trx transactions, mfr manufacturer,
  mfrs manufacturers, vndr vendor, vndrs vendors, hs hubspot, svc service, svcs services, secs seconds, mins minutes, hr hour, hrs hours, wk week, wks weeks,
  mo month, mos months, mth month, mths months, mnth month, mnths months, qtr quarter, qtrs quarters, yr year, yrs years, tmrw tomorrow, tmr tomorrow, tmw tomorrow, yday yesterday,
  yest yesterday, prev previous, curr current, abt about, btwn between, b4 before, w with, wo without, bc because, cuz because, rn right now, atm at the moment, lmk let me know, lemme let me,
  wat what, wht what, whens when is, whys why is, shld should, wld would, cld could, ty thanks, sth something, smth something, aint is not, til until`

const LONG = new Map(
  SHORT.split(',').map((pair) => {
    const [short, ...long] = pair.trim().split(/\s+/) as [string, ...string[]]
    return [short, long.join(' ')] as const
  }),
)
const unfolded = (short: string): string => LONG.get(short.toLowerCase()) ?? short
const words = [...LONG.keys()]
const capitals = words.map((word) => word[0]!.toUpperCase() + word.slice(1))

/**
 * Unfolds them in small letters, or where a sentence begins with a capital and goes on in small letters: a customer may be called
 * `Mo` or `Inv Holding`.
 */
export const ABBREVIATIONS: readonly (readonly [RegExp, (short: string) => string])[] = [
  [
    new RegExp(`(?<![\\p{L}\\p{N}_.@/&'-])(?:${words.join('|')})(?![\\p{L}\\p{N}_@&-]|[./]\\p{L})`, 'gu'),
    unfolded,
  ],
  [new RegExp(`^(?:${capitals.join('|')})(?=$|[?!.,]| \\p{Ll})`, 'u'), unfolded],
]
