/** English, as data: what is done with it is the same for every language. */
import { ABBREVIATIONS } from './english-abbreviations.ts'
import { ANSWERS } from './english-answers.ts'
import { CONCEPTS, DEEDS } from './english-concepts.ts'
import { FORMS } from './english-forms.ts'
import { NUMBERS } from './english-numbers.ts'
import { ORDINARY } from './english-ordinary.ts'
import { REPLIES } from './english-replies.ts'
import { TELLS } from './english-tells.ts'
import { englishSpan } from './english-times.ts'
import { OPPOSITES, VALUES } from './english-values.ts'
import type { Language } from './language.ts'

/** Forms that no rule makes. A map: words such as `constructor` are properties of every object. */
const IRREGULAR: ReadonlyMap<string, string> = new Map(
  `sold sell, bought buy, lost lose, won win, sent send, left left, fell fall, fallen fall, paid pay, spent spend, went go, gone go, goes go,
  wrote write, written write, did do, does do, done done, has have, had have, got get, gotten get, held hold, made make, was be, were be, is be,
  are be, am be, been be, said say, told tell, gave give, given give, took take, taken take, came come, ran run, running running, note note, notes note, noted note, care care, cares care, brought bring,
  grew grow, grown grow, rose rise, risen rise, began begin, found find, kept keep, people people, news news, sms sms, plans plan, status status,
  less less, business business, address address, process process, this this, there there, where where, here here, were be, people people, more more, sure sure, some some, done done, one one, none none, same same, type type, time time, since since, else else, late late, name name, ones one, live live, like like, use use, its its, us us, hubspots hubspot, analysis analysis, basis basis,
  always always, across across, yes yes, as as, progress progress, access access, series series, needed need, needs need, closed closed,
  unresolved unresolved, paying pay, billing billing, pricing pricing, during during, evening evening, nothing nothing, anything anything,
  something something, everything everything, thing thing, meeting meeting, during during, morning morning, string string, king king,
  overdue overdue, critical critical, wins win, worse worse, speed speed, feed feed, red red, bed bed, indeed indeed, hundred hundred,
  exceed exceed, issued issued, logged logged, falling falling, dropping dropping, improving improving, rising rising, declining declining, worsening worsening, climbing climbing, deteriorating deteriorating, distributed distribution, proceed proceed, succeeded succeed, onboarding onboarding, onboardings onboarding, dids dids, bring bring, setting setting, settings setting, organizations organizations, organisations organizations, spring spring, ring ring, sing sing, ping ping`
    .split(',')
    .map((pair) => pair.trim().split(/\s+/) as [string, string]),
)

const VOWEL = /[aeiouy]/

const bare = (word: string): string => {
  if (word.endsWith('ings') && word.length > 6) return bare(word.slice(0, -1))
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (word.length > 4 && word.endsWith('ie')) return `${word.slice(0, -2)}y`
  if (/(?:ss|x|z|ch|sh)es$/.test(word) && word.length > 4) return word.slice(0, -2)
  if (word.length > 3 && word.endsWith('s') && !/[su]s$|is$/.test(word)) return word.slice(0, -1)
  const end = /(?:ing|ed)$/.exec(word)?.[0]
  const rest = end ? word.slice(0, -end.length) : ''
  if (!end || rest.length < 2 || !VOWEL.test(rest)) return word
  if (end === 'ed' && rest.endsWith('i')) return `${rest.slice(0, -1)}y`
  return /([bdgmnprt])\1$/.test(rest) ? rest.slice(0, -1) : rest
}

/** Plural, past and progressive fall together, and so do British and American spelling. */
const stem = (word: string): string => {
  const known = IRREGULAR.get(word)
  // An irregular form falls together with the regular ones; a word that stands for itself is left alone.
  if (known) return known === word ? known : stem(known)
  const form = bare(word).replace(/is(e|ation|)$/, (whole, end: string) =>
    word.length > 6 ? `iz${end}` : whole,
  )
  return form.length > 3 && form.endsWith('e') ? form.slice(0, -1) : form
}

export const ENGLISH: Language = {
  stem,
  spanIn: englishSpan,
  forms: FORMS,
  replies: REPLIES,
  answers: ANSWERS,
  contractions: [
    ...ABBREVIATIONS,
    [/\s*<=?\s*(?=[\d$€£])/g, ' below '],
    [/\s*>=?\s*(?=[\d$€£])/g, ' above '],
    [/(?<![\w.])(\d+(?:\.\d+)?[km]?)\+(?=\s|$|[?!.,])/gi, 'at least $1'],
    // Between words, not before numbers of telephones.
    [/(?<=\p{L})\s*\+\s*(?=\p{L})/gu, ' & '],
    [/(?<=\p{Ll}{3})&(?=\p{Ll}{3})/gu, ' & '],
    [/\b(can)'?t\b/gi, 'can not'],
    [/\bcannot\b/gi, 'can not'],
    [/\bwon't\b/gi, 'will not'],
    [/\b(do|does|did|is|are|was|were|has|have|had|should|would|could|must|need)n'?t\b/gi, '$1 not'],
    [/\b(i|we|you|they)'d\b/gi, '$1 would'],
    [/\b(i|we|you|they)'ve\b/gi, '$1 have'],
    [/\b(we|you|they)'re\b/gi, '$1 are'],
    [/\bi'm\b/gi, 'i am'],
    [/\b(i|we|you|they|it)'ll\b/gi, '$1 will'],
    [/\blet'?s\b/gi, 'let us'],
    [/\b(what|who|where|when|how|that|there|it|here)'s\b/gi, '$1 is'],
    [/\b(whats|whos|hows|wheres)\b/gi, (whole: string) => `${whole.slice(0, -1)} is`],
    [/\bgimme\b/gi, 'give me'],
    [/\bwanna\b/gi, 'want to'],
    [/\bgonna\b/gi, 'going to'],
    [/\bgotta\b/gi, 'have to'],
    [/\bno[- ]one\b(?! else)/gi, 'nobody'],
    // What waits to be done is not done.
    [/\b(?:yet|still|left|waiting|have yet|has yet) to be (?=\w+(?:ed|en|ne|lt)\b)/gi, 'not yet '],
    [/\bw\/o\b/gi, 'without'],
    [/\bw\/(?=\s)/gi, 'with'],
    // `number of` counts; `numbers of` are telephone numbers.
    [/\bnumbers of\b/gi, 'numbers for'],
    [/\br ?f ?q'?s\b/gi, 'rfqs'],
    [/\bhub ?spot'?s\b/gi, 'hubspot'],
    [/\bto-?dos?\b/gi, 'todo'],
  ] as unknown as Language['contractions'],
  concepts: CONCEPTS,
  deeds: DEEDS,
  heads: {
    customer: ['customer'],
    trunk: ['trunk'],
    'phone number': ['number'],
    'part number': ['part'],
    'billing account': ['billing_account', 'customer'],
    deal: ['deal'],
    rfq: ['rfq'],
    person: ['member', 'colleague'],
    connection: ['connection'],
    contact: ['person'],
    ticket: ['ticket'],
    task: ['task'],
    note: ['note'],
    alert: ['alert'],
    invoice: ['invoice'],
    insight: ['insight'],
    campaign: ['campaign'],
    onboarding: ['onboarding'],
    delivery: ['delivery', 'webhook'],
    'sync run': ['sync_run', 'sync'],
    'sync plan': ['sync_plan'],
    'port order': ['port'],
    'rate plan': ['rate_plan'],
    'API key': ['credential'],
    'partner webhook': ['partner_webhook', 'webhook'],
    'identity candidate': ['identity'],
  },
  idOnly: [
    ...[
      'contact',
      'ticket',
      'task',
      'note',
      'alert',
      'invoice',
      'insight',
      'campaign',
      'onboarding',
      'delivery',
    ],
    ...['sync run', 'sync plan', 'port order', 'identity candidate'],
  ],
  asks: {
    customer: 'Which customer do you mean?',
    trunk: 'Which trunk do you mean?',
    'phone number': 'Which telephone number do you mean?',
    'part number': 'Which part do you mean? Say its number.',
    'billing account': 'Which billing account do you mean? Say its number.',
    deal: 'Which deal do you mean?',
    rfq: 'Which request for prices do you mean? Say its number.',
    person: 'Whom do you mean?',
    connection: 'Which connection do you mean?',
    contact: 'Whom do you mean?',
    ticket: 'Which ticket do you mean? Say its id.',
    task: 'Which task do you mean? Say its id.',
    note: 'Which note do you mean? Say its id.',
    alert: 'Which alert do you mean? Say its id.',
    invoice: 'Which invoice do you mean? Say its id.',
    insight: 'Which insight do you mean? Say its id.',
    campaign: 'Which campaign do you mean? Say its id.',
    onboarding: 'Which onboarding do you mean? Say its id.',
    delivery: 'Which delivery do you mean? Say its id.',
    'sync run': 'Which run do you mean? Say its id.',
    'sync plan': 'Which plan do you mean? Say its id.',
    'port order': 'Which port order do you mean? Say its id.',
    'rate plan': 'Which rate plan do you mean?',
    'API key': 'Which key do you mean?',
    'partner webhook': 'Which webhook do you mean?',
    'identity candidate': 'Which pair do you mean? Say its id.',
  },
  articles: ['a', 'an', 'the'],
  openers: `please, make sure, ensure, see to it, see to it that, make sure that, pls, plz, kindly, hi, hello, hey, hey hub, hub, ok, okay, so, well, now, just, quickly, quick, thanks, thank you, could you,
    can you, would you, will you, can we, could we, may i, can i, could i, might i, i want to, i want you to, i would like to, i would like you to,
    i need to, i need you to, we need to, we want to, we have to, we should, we must, i must, i should, i have to, let us, go ahead and, help me, remind me, refresh my memory,
    make sure to, be so kind and, be so kind as to, be a dear and, is it possible to, would it be possible to, would you mind, do you mind, do me a favor and,
    it is time to, time to, feel free to, i am going to need you to, you should, you can, you may, i wish to, we would like to, go and, be kind and,
    be so nice and, be so good and, how do i, how can i, hubby, tributary, bot, assistant, team, guys, mate, buddy, sir, good morning, morning, yo, right, alright, btw,
    any chance you could, any chance you can, are you able to, why not, how about, i want, i would like, we want, i need, we need, want, need, would like, would love to, i would love to`,
  fillers: `contents, content, a, an, the, this, these, those, some, any, all, every, each, no one else, our, ours, we, us, i, me, my, mine, you, your, one, ones, there, here, it, its, of, for, with, from,
    at, in, on, to, by, about, into, onto, over, under, as, and, or, but, if, then, than, that, which, who, whom, whose, what, when, where, how, do, be, have, will, would, should, could,
    can, may, might, must, shall, show, list, display, give, get, see, view, look, look up, lookup, look at, look for, find, search, fetch, pull, pull up, bring up, open up, present, tell, say, let, know,
    need, want, like, wish, interested, curious, wonder, check, check out, read, print, return, report, provide, share, dig up, dig out, through, please, pls, plz, thanks, thank you, thx, cheers, kindly, now, right, right now, today's, currently,
    current, at the moment, moment, at present, presently, still, already, yet, also, too, just, only, really, actually, basically, quickly, quick, fast, asap, immediately, again, once more, more, detail, info, information,
    data, record, list, table, page, screen, thing, stuff, lot, bit, kind, sort, hub, system of ours, up, down, out, off, so, well, hey, hi, hello, ok, okay, hmm, um, uh, eh, ah, oh, yo, dear, good morning, good, great, nice, sure, fine,
    exactly, exact, precise, precisely, full, complete, whole, entire, total, overall list, latest, newest, recent, recently, most recent, last, new, next, first, top, big, biggest, high, low, available ones, exist, existing, present, registered with us, happen to, able,
    possible, possibly, maybe, perhaps, probably, by any chance, chance you, going, go, come, use, used, using, run, work, working, make, made, take, put, keep, set of, something, anything, everything, someone, somebody, anybody, everybody, anyone, everyone, time, moment, day, today, yesterday,
    tomorrow, tonight, week, month, quarter, year, between, since, until, till, before, after, during, within, ago, past, previous, coming, upcoming, current, around, under way, quarter, belong, belong to, concerning, regarding, related, regard, respect, side, point, way, part of, name, named, called, id,
    know about, hear, heard, interested, help, mind, care, sync up with me, appreciate, appreciated, lovely, awesome, other, others, another, else, such, same, very, quite, pretty, rather, little, much, many, few, several, both, either, neither, per, via, plus, vs, re, fyi, btw, etc, because, why not,
    boss, manager, team, colleague, meeting, prepare, ready, need it, soon, later, early, always, never mind, ever, often, usually, normally, generally, mainly, mostly, far, long, short, old, young, own, got, guy, folks, mate, place, world, matter, matters, term, terms, case of,
    overview of all, single, particular, specific, certain, various, different, kind of, type, types, total, assigned, assigned to, reported, report, open up, live, actual, real, us with, does it, look like, looks, look, seem, appear, appears, sound, say, mean, means, ask, asking, asked, question, answer,
    latest state, as of, master, basic, general, profile, idea, ideas, assess, owner, detail, details, description, background, story, key, main, core, brief, concise, right away, straight away, at once, away, back, for me, to me, of ours, with us, for us, to us, from us, ourselves, myself, yourself, themselves, himself, herself, itself, him, her, his, he, she, they, them, their, theirs, pl, kindly, plse, regards, best, br, hurry, urgent, urgently, someday, instead, even, wow, bye, lately, these days, nowadays, presently, so far, up to now, to date, thus far, in total, altogether, anyway, though, although, however, therefore, whether, did, done, doing, made, hand, handy, form, format, view of, glance, let, lets, turn, me, on my screen, needed, needing, necessary, enough, interest, set up with us, hold, status of affairs, mid, approx, approximately, roughly, around, exactly, number one, off hand, possible to see, you got, ya, u, ur, im, ive, whatcha, cuz, gotcha, n, y, r, k, em, thru, bout`,
  faint: `think, believe, guess, suppose, feel, arrive, become, mark, apart, aside, across, against, along, amount, anywhere, area, around here, based, bit more, brought, carefully, clear, clearly, closely, colleague of mine, common, comparison, compared, consider, contain, could be, couple, crucial, day to day, deep, definitely, depth, desk, directly, easily, effectively, entirely, especially, estimate, exact, example, extra, fact sheet, fairly, file, following, foot, formal, fresh, general idea, generate, glad, guess so, guide, happy, hard, head, heads up, highlight, honest, hour, huge, immediately please, important to me, inform, inside, insight into me, interested in, keen, kind person, knowledge, large, last known, lead time, least, length, line up, link me, literally, load up, local time, logged, mainly about, major, manage, meanwhile, mention, middle, mine, minute please, month end, most of, near, neat, notify, obviously, offhand, often enough, outside, page of, pass, personally, phase, pick, plain, pop, pop up, position, possible for you, pretty please, primary, print out, prior, properly, public, put together, quarter end, quickly now, ran, range, rather than, real, reason for asking, recap, regularly, relevant, remaining, require, result, retrieve, reveal, rough, round, run me, running, said, section, sec, seriously, serious, set, significant, simple, simply, since when, small, smoothly, solid, sound, span, special, spell, stand, stage, straight, stuff about, sum, surely, swiftly, talk, talk me through, target, thorough, throughout, title, together, tonight, topic, try, typical, unless, upfront, upon, usual, valid, value of, view all, visible, wait, wanna know, well known, whatever, whenever, wherever, whichever, wide, wise, within reach, without, wondering, word, work out, worked, workload, worth knowing, writing, yet again, zero, doing, going, bring me, output, dump, grab, retrieve, query, run, compile, gather, collect, inspect, examine, review, browse, scan, explore, dig, dive, peek, peep, quick look, handle, deal with, involved, involve, consist, include, including, included, regarding, around, towards, toward, against us, side by side, on record, on file, book, books, count me in, client of ours, customer of ours, folks at, guys at, people at, dear hub, status quo, update on`,
  units: 'second, minute, hour, day, week, month, quarter, year, percent',
  between:
    'a, an, the, do, is, are, be, yet, to, of, our, us, we, i, you, your, my, any, some, all, for, it, that, this, their, them, how, much, many, trunk, most, more, have, has, will, would, can, could, on, in, with, at, so, much, hubspot, c3',
  idle: `walk me through, my call, a call tomorrow, a call with, my meeting, send me, hit me, shoot me, drop me, throw me, ping me, forward me, email me, danger that, risk that, chance that, support history of, go wrong with it, is configured, configured, we run, do we run, do we operate, we operate, we use, do we use, phone side, phone front, telephony side, set up, right now, right away, all right, alright, that is right, up and running, being, a bit, a bit of, do we offer, we offer, we have on offer, would change, at work, up to you, on me, now and then, at the moment, at this point, going forward`,
  ordinary: ORDINARY,
  foreignDeeds:
    'pay, drop, call, dial, ring, phone, text, invite, buy, sell, book, hire, fire, convert, reboot, print, email, mail, transfer money, wire, order, cook, sing, thank, greet, charge, bill, notify, inform, put, forward, cc, bcc, design, paint, play, transcribe, download, throw, cancel, terminate, move, reschedule, postpone, rent, lend, borrow, donate, clean, wash, build, install, uninstall, unlock, translate, congratulate, apologize, confirm, negotiate, sign, fax, ship, discount, unsubscribe, subscribe, post, tweet, solve, dance, wake, archive, promote, demote, sue, kiss, marry, visit, meet, drive, fly, swim, ask, complain, promise, persuade, convince, impersonate, grant, reveal, hack, guess, teach',
  messages: 'give, tell, ask, send, let, grant, offer, inform, remind, pay, thank',
  foreign: `log out, log off, sign out, logout, shares, convert, in a loop, forever, infinite, without asking, without confirmation, without confirming, no confirmation, skip the plan, without a plan, without the plan, while true, for real, weather, forecast the weather, rain, sunny, joke, poem, song, story about a, recipe, cook, pizza, coffee, lunch, dinner, restaurant, movie, film, music, game, football, soccer, sport, match score, news, horoscope, translate, translation, capital of, president, chancellor, population, wikipedia, google, stock price, stock market, share price, bitcoin, crypto, exchange rate,
    currency rate, flight, hotel, taxi, uber, travel, vacation, holiday, calendar, appointment, remind me to, remind me tomorrow, remind me at, remind me on, remind me in, set a reminder, reminder for, reminder to, alarm clock, timer, email, e-mail, mail, letter, fax, slack, teams message, whatsapp, sms to, text message to, tweet, twitter, linkedin, facebook, instagram, salesforce, sap, netsuite, pipedrive, zendesk, jira, confluence, notion, trello, asana, github, gitlab, stripe, paypal,
    quickbooks, xero, mailchimp, intercom, freshdesk, zoho, dynamics, oracle, excel, word document, powerpoint, pdf, google sheet, spreadsheet, csv, python, javascript, java, code, script, program, sql, drop table, select from, bash, shell, terminal, command line, server, reboot, docker, kubernetes, database, table, schema, password, passwords, api secret, secret, secrets, credit card, card number, ssn, social security, bank account, iban,
    salary, salaries, vacation day, sick leave, payroll, hire, fire somebody, interview, math, square root, plus two, integral, equation, meaning of life, are you human, are you a bot, chatgpt, gpt, openai, llm, prompt, system prompt, your instruction, instructions, ignore previous, jailbreak, developer mode, sudo, root access, hack, exploit, bypass, override, pretend, roleplay, act as, imagine,
    compose, draft, write an, write a, book a, order a, buy me, print the, photo, picture, image, video, draw a picture, draw me, draw a, sing, dance, love, marry, sex, drug, weapon, bomb, politics, religion, homework, essay, blog post, marketing copy, landing page, website, seo, ad campaign, tax return, lawsuit, lawyer, legal advice, medical, doctor, diagnosis, competitor, christmas, dropbox, sharepoint, google drive, ftp, printer, monitor my,
    vpn, wifi, laptop, keyboard, parking, elevator, birthday, gift, party, christmas card, newsletter, invoice template, contract template, presentation, slide, deck, agenda, minutes of the meeting, phone call recording, transcript, voicemail, play, listen, podcast, radio, tv, netflix, amazon, ebay, shopify, wordpress, figma, zoom, webex, meet link, skype, telegram, signal app, discord, ninjaone, pax8, microsoft, office 365, apple, tesla, spacex, nasa,
    covid, temperature, humidity, time zone of, what time, clock, date today, day is it, prime number, fibonacci, algorithm, chess, puzzle, riddle, lottery, horse, dog, cat, fish, bird, tree, flower, garden, house, car, bike, train station, airport, map of, route to, directions, distance, translate to, in german, in french, in spanish, on chinese, bonjour, hola, ciao, moon, sun, star, planet, universe, god, jesus, buddha, quote of the day, wisdom, philosophy`,
  values: VALUES,
  tells: TELLS,
  opposites: OPPOSITES,
  booleans: {
    open: {
      yes: 'open, still to do, still open, unresolved, outstanding, undone, unsolved, unfinished, unanswered, untouched, unhandled, remain, remaining, pending, in progress, in play, still to be done, still needs to be done, waiting for an answer, awaiting an answer, needs an answer, need an answer, waiting for us, in the works',
      no: 'closed, done, finished, resolved, completed, solved, already done, ticked off, complete, not open, no longer open, finish, been done, won or lost, sorted, sorted out, wrapped up, dealt with, taken care of, closed out',
      undone:
        'answer, handle, look at, touch, pick up, address, fix, process, work on, deal with, settle, respond to, reply to, take on, start, sort out, tackle, attend to',
    },
    inStock: {
      yes: 'in stock, available',
      no: 'out of stock, sold out, not in stock, unavailable, not available',
    },
    isLow: { yes: 'low, scarce, running low, run low, short, running out, to reorder', no: 'plenty' },
    isOversold: { yes: 'oversold, over-reserved, overbooked', no: 'not oversold' },
    isApproved: { yes: 'approved', no: 'not approved, unapproved' },
    withRetired: { yes: 'retired, with retired, including retired, retired ones', no: 'not retired' },
    hasConflict: {
      yes: 'with conflict, with conflicts, in conflict',
      no: 'without conflict, without conflicts',
    },
  },
  measures: {
    health: 'health, health score, score',
    churnRisk: 'churn risk, churn, churn score, churn probability',
    leadScore: 'lead score',
    mrr: 'mrr, monthly recurring revenue, recurring revenue, pay, paying, a month, per month, pay a month, monthly',
    monthSpend: 'spent last month, monthly spend, spend, spent, spending',
    openDeals: 'open deals, deals, open deal, deals worth, pipeline',
    openRfqs: 'open rfqs, rfqs, rfq, open requests for prices',
    minConfidence: 'confidence',
  },
  prepositions:
    'for, of, with, at, about, from, by, on, to, regarding, concerning, re, called, named, does, did, is, has, have, do, can, will, are, would, could, should, might, may, was, lose, losing, in, over, through, towards, toward, called, than, against, around, into, like, via, than, between, and, help, told',
  breaksOff: 'of, for, about, with, at, from, regarding, between, is, are, does, the, a, my, our',
  questions:
    'what, which, who, whom, whose, when, where, why, how, is, are, was, were, does, did, has, had, any, am, do, have, have we, will, shall, should',
  negations:
    'not, never, no, without, none, nothing, neither, nor, stop, avoid, refrain, except, unless, hardly, nobody, noone',
  joins:
    'and, &, then, and then, also, plus, after that, afterwards, but first, before that, as well as, followed by, next, but, while, before, after',
  listing: 'and, &, or, plus, versus, vs, as well as, both',
  anaphora:
    'their, them, they, its, it, theirs, that customer, this customer, that company, this company, that account, this account, that client, this client, the customer, the company, the client, that trunk, this trunk, the trunk, that one, this one, same customer, the same customer, same company, same one, his, her, them again, that number, this number, that part, this part',
  strongAnaphora: 'their, theirs, them, they, that, this',
  antecedents: 'supplier, vendor, distributor, who, everybody, everyone, anybody, anyone, nobody',
  continuations:
    'and, what about, how about, also, and what about, and for, same for, the same for, and now, now, now for, and how about, then, ok and, okay and, but, or, and also',
  agreements:
    'yes, yep, yeah, yup, confirm, confirmed, i confirm, do it, go ahead, go for it, proceed, sure, ok do it, yes do it, yes please, execute, execute it, approved, make it so, just do it, ok go, agreed, affirmative, y, ok, okay, fine, sounds good, confirm it, confirm that, confirm the plan, run it, apply, apply it, yes confirm, please confirm, please proceed, yes go ahead, confirm all',
  ahead: ['renewal', 'due', 'schedule', 'task'],
  numbers: NUMBERS,
  ordinals: {
    ...{
      first: 1,
      second: 2,
      third: 3,
      fourth: 4,
      fifth: 5,
      sixth: 6,
      seventh: 7,
      eighth: 8,
      ninth: 9,
      tenth: 10,
      last: -1,
      latter: -1,
      former: 1,
    },
    ...{ '1st': 1, '2nd': 2, '3rd': 3, '4th': 4, '5th': 5 },
  },
  currencies: {
    ...{
      eur: 'EUR',
      euro: 'EUR',
      euros: 'EUR',
      '€': 'EUR',
      usd: 'USD',
      dollar: 'USD',
      dollars: 'USD',
      $: 'USD',
      us$: 'USD',
    },
    ...{ gbp: 'GBP', pound: 'GBP', pounds: 'GBP', '£': 'GBP', chf: 'CHF', franc: 'CHF', francs: 'CHF' },
  },
  atLeast:
    'above, over, more than, greater than, higher than, at least, exceeding, exceeds, bigger than, larger than, minimum, no less than, not less than, upwards of, from, better than, beyond',
  below:
    'below, under, less than, lower than, fewer than, smaller than, at most, up to, no more than, not more than, worse than, beneath, underneath',
  tops: 'top, first, last, latest, newest, next, only, most recent, recent, worst, best, biggest, largest, oldest, show, list, just, the, least, most',
  ordering: 'rank, sort, order, arrange',
  orderedBy:
    'who will, customers will, will lose, who are about to, most likely to, likeliest to, likely to, might, about to, prone to, in danger of, at risk of, danger of, top, biggest risk of, by, sorted by, ordered by, ranked by, sort by, order by, rank by, in order of, in terms of, highest, with the highest, lowest, with the lowest, with the most, most, arranged by, according to, biggest, largest, most valuable',
}
