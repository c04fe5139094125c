/** Things and deeds in English. */
export const CONCEPTS: Readonly<Record<string, string>> = {
  // Things
  customer: 'customer, client, company, account, business, firm, organization record, buyer, logo',
  billing_account: 'billing account, telephony account, phone account, ban, warp account',
  deal: 'deal, opportunity, opp, pipeline, sell to, selling to, sales opportunity',
  ticket:
    'ticket, support ticket, support case, case, support request, help request, request for help, helpdesk ticket, complaint, complain, issue, problem, trouble ticket, incident, support issue',
  task: 'task, to do, to dos, todo, todos, to-do, to-dos, have to do, has to do, need to do, left to do, needs to be done, need to be done, work item, action item, follow up, follow ups, followup, follow-up, follow-ups',
  note: 'note, written down, wrote down, memo, activity note',
  activity: 'activity, activities',
  person: 'person, people, contact, contact person, employee, staff',
  stakeholder:
    'stakeholder, decision maker, decisionmaker, decision-maker, decide, has a say, have a say, buying committee, key contact, key people, key person, influencer, champion, main contact, should i call, should we talk to, should i talk to, to talk to, should i speak to, should i contact, sign off, buying center, buying centre, people matter, important person, important people, important contact, reach out to, economic buyer, right person, right contact, best contact',
  rfq: 'rfq, request for quotation, request for quote, request for price, requests for prices, quote request, quotation request, price request, request for prices, requests for quotation, requests for quote, rfqs, price inquiry, inquiry, enquiry, quotation, asked us to quote',
  stock:
    'stock, in stock, on the shelf, stock level, inventory, on hand, quantity on hand, availability, available, left, warehouse, lies in stock, have in stock, in store, on shelf, stocked, inventory level, stock situation',
  part: 'part, component, part number, chip, item, article, sku, mpn',
  supplier:
    'supplier, vendor, distributor, delivers part, deliver parts, supply us, supplies us, deliver, delivers, whom we buy from, who we buy from, source from',
  trunk: 'trunk, sip trunk, sip connection, sip line, voice trunk, telephony trunk, sip',
  number:
    'number, phone number, telephone number, phone, telephone, tn, caller id, phone no, telephone no, dids',
  emergency:
    'emergency address, emergency location, e911, 911, e911 address, 911 address, emergency service, emergency call, ambulance, emergency record, e911 record, 911 location, e-911, emergency services address, emergency, fire brigade, 911 record',
  invoice: 'invoice, bill, invoicing, billing document',
  alert:
    'alert, alarm, telephone alert, telephony alert, phone alert, alarming, threshold alert, in trouble, out of bounds, warning, phone side alert',
  usage:
    'usage, traffic, call volume, minute, call minutes, went over, go over, calls went over, minutes did, volume, calls on, calls over, messages sent, call traffic, call statistics, call stats, carry traffic',
  utilisation:
    'utilization, utilisation, capacity, how full, taken up, occupancy, load, busy hour, concurrency',
  health:
    'health, healthy, unhealthy, health score, healthscore, how healthy, in good shape, health wise, health-wise, doing well, wellbeing, in good health, in poor health, in bad health, in great shape, health scoring, well being, health rating, health status',
  churn:
    'churn, churn risk, churn probability, churn score, leave, leave us, leaving us, going to leave, lose, lose them, cancel on us, cancels, jump ship, walk away, defect, likely to leave, losing, attrition, churning, about to leave, departure, quit on us, flight risk, switch to a competitor, going away, retention risk, at risk of leaving, at risk of churning, risk of churn, risk of losing, likelihood of churn, likelihood to churn, leaving, jump ship',
  risk: 'risk, risky, risk assessment, risk profile, risk analysis, go wrong, danger, payment risk, risk factor, threat, exposure',
  lead: 'lead, lead score, lead scoring, promising, promising prospect, good lead, hot lead, worth pursuing, likely to buy, should we call, hot as a lead, buy soon, our chance, chance with, prospect score, hot prospect, worth a call, worth calling, worth our time, good prospect, sales ready, likelihood to buy',
  upsell:
    'upsell, upselling, up-sell, cross-sell, cross sell, cross-selling, cross selling, what else could we sell, sell more, sell else, else sell, expansion opportunity, expansion opportunities, expansion potential, expansion, something more, else could we sell, else can we sell, more can we sell, more could we sell, sell something more, additional product, other product, else might, else may, else could, else can, what more, more buy, buy more, upsell opportunity, upsell opportunities, upsell potential, upselling potential, offer next, offer, growth potential, grow the account, whitespace, white space, further product, add-on, add-ons, addon, addons, selling opportunity',
  buying:
    'buying behavior, buying behaviour, buying pattern, buying habit, how often order, purchasing pattern, purchase behavior, purchase behaviour, purchasing behavior, purchasing behaviour, order frequency, ordering pattern, order pattern, ordering behavior, ordering behaviour, place order, places orders, often order, often buy, regularly order, frequently order, frequently purchase, frequently buy, usually buy, ordering more, order more, buy seasonally, seasonality, purchasing habit, buying rhythm, purchase pattern, ordering rhythm, ordering habit, order behavior, order behaviour, purchase frequency, buying frequency, seasonal, order habit, buying profile, how buys, regularly place, often does order, often place orders, buying cadence, order cadence, purchase cadence, place orders, places orders, place order, regularly does place orders',
  purchase:
    'purchase, purchase history, bought, buy, order history, spend with us, spent with us, spend, spent, order, purchased, orders, buying history, past order, sales history, money spent',
  value:
    'lifetime value, ltv, clv, customer lifetime value, life time value, worth over time, future revenue, expected revenue, future spend, future spending, still spend, valuable, long run, next order, order again, buy again, buy next, orders next, order next, next purchase, purchase again, reorder date, next buy, worth to us, expected to spend, predicted spend, spend in the future, long term value, long-term value, worth in the long run, next order date, cltv, come back and buy, value over time, forecasted revenue',
  mrr: 'mrr, monthly recurring revenue, recurring revenue, pay a month, pays a month, pay per month, pay us monthly, pay monthly, monthly fee, monthly revenue, pay each month, pay every month, bill per month, paying a month, paying per month, paying monthly, monthly payment, make each month, making each month, make per month, monthly bill, monthly charge, pay us a month, pay us per month, pay us each month, pay us every month, earn per month, earn each month, monthly income, month by month fee, billing per month, charge per month, charge monthly, billed per month, billed monthly, revenue per month, revenue a month, bring in per month, brings in each month, bring in each month, bring in every month, brings in per month, monthly spend, bring us per month, pay every single month',
  spend_limit: 'spend limit, spending limit, spending cap, spend cap, monthly limit, budget limit',
  account_spend:
    'spent this month, spend this month, used this month, billed this month, consumed this month, current charge',
  timeline:
    'timeline, what happened, happened, happen, event history, activity feed, history of event, story over time, event, events, latest event, been happening, goes on, chronology, event log, recent history, interaction history, chronicle, event feed, activity history, activity log, recent activity, recent activities, latest activity, latest activities',
  overview:
    'overview, everything about, 360 view, 360, full picture, brief me, briefing, brief, how are things, how is it going, going on, catch me up, where we stand, where do we stand, complete story, whole story, summary of everything, everything of, all we have on, everything on, all about, all we know, bird eye, dossier, know before, should i know, snapshot, rundown, run down, low-down, lowdown, get me up to speed, up to speed, bring me up to date, whole picture, everything we know, everything we have, all there is, all information, all info, complete picture, account review, at a glance, 360 degree view, 360 degree, 360-degree, update me, up on, what is up with, what is new with, what is the situation with, situation, the latest on, deal with the situation, prep me, prepare me, full profile, how do things stand, how things stand, how things are going, things with, things at',
  enrichment:
    'tell me about, summary, summary of, in a few sentences, in words, describe, description, write up, in short, in brief, story in sentence, short profile, short summary, summarize, summarise, in sentences',
  graph:
    'relationship map, relationship graph, related to, relation, relationships, connected with, relationship, network of, linked with, knowledge graph, related, relate, connections of',
  identity:
    'duplicate, duplicates, duplicate customer, duplicate account, same customer, same company, same client, identity candidate, potential match, match candidate, company twice, matching candidate, may be the same, be the same, could be the same, twice, double entry, dedupe, deduplicate, same firm, possible match, double entries, probable match, doublet, merge candidate, merge candidates, look alike, lookalike, lookalikes, exist twice, belong together',
  insight:
    'insight, notice, noticed, found out, find out, observation, observe, spotted, discovered, discover, spot, detected, detection',
  recommendation: 'recommendation, recommend, advice, recommended',
  action:
    'next best action, next step, next steps, should i do, should we do, suggest action, action, suggestion, suggest, do next, would you do, best next step, how can i help, how can we help, should be done, next action, what to do, next move, recommended action, best action, advise, actions recommended',
  conflict:
    'conflict, conflicting, in conflict, disagree, disagreement, has to be decided, have to be decided, needs a decision, need a decision, to be decided, contradiction, contradict, conflicting change, clash, differ between, mismatch, changed on both sides, need deciding, needs deciding, awaiting a decision, wait for a decision, waiting for a decision',
  dead_letter:
    'dead letter, dead letters, dlq, record failed, records failed, failed record, failed records, could not be synced, could not be brought over, not be synced, dead letter queue, records with error, record with error, records with errors, not make it over, did not make it, fail to sync, failed to sync, could not sync, records that failed, records which failed, stuck record, stuck records, poison record, could not be imported, failed to import, failed imports, records stuck, unsynced record, unsynced records, rejected record, rejected records, dead-letter, dead-letters, deadletter, deadletters, records that failed to sync, failed to sync',
  sync: 'sync, synced, synch, synchronize, synchronise, synchronization, synchronisation, resync, re-sync, bring up to date, in sync, pull data, pull the data, pull the latest data, pull latest data, pull the newest data, pull the latest, pull the newest, pull new data, fetch data, fetch the data, fetch new data, fetch the latest data, fetch the latest, fetch latest, refresh, refresh the data, refresh data, get the latest, get the latest data, get the newest data, get latest data, import the latest, reload, up to date, update, load the latest data, load the latest, load latest, import data, import the data, import the latest data, get fresh data, pull fresh data, fresh data, get new data, grab the latest data, grab the latest, catch up with, fetch everything, pull everything, get updates, latest data, newest data, new data, get everything, how is the sync going',
  push: 'push, send, write, export, transfer, upload, publish, pass on, hand over, copy over, put into, forward, get into, deliver into, copy, feed, ship, get over, load into, propagate, into hubspot, over to hubspot, hubspot needs the latest, hubspot needs our, hubspot needs the current, hubspot needs the newest, hubspot should have the latest, hubspot should have our',
  log: 'log, log entry, log entries, journal, logbook, protocol, logs, went wrong, sync error, error log',
  status:
    'status, progress, state, how far, still running, running, how is going, finished yet, finish, condition, run, runs',
  history:
    'history, over time, trend, evolve, evolved, evolution, develop, developed, development, course, past, how did go, curve, chart, graph over time, progression, trajectory, change over time, changed over time, did go, trending, historical, historically, track over time, plot, changed since, gone',
  schedule:
    'schedule, scheduled, next sync, cron, by the clock, timetable, next run, when is next, regular job, scheduled job',
  connection: 'connection, integration, connector, systems integration',
  connected: 'connected, connected to, hooked up, hooked up to, linked up, plugged in, connect, hook up',
  when: 'when, at what time',
  due: 'due, fall due, falls due',
  verify: 'check, validate, verify, test',
  system: 'system, other system, third-party system',
  credential:
    'credential, token, api key valid, key good, key valid, credentials valid, login valid, authorization, access token, oauth, auth, key',
  hubspot: 'hubspot, hub spot, hs, hubspot portal, hubspot crm, crm',
  c3: 'c3, c 3, quoting system, stock system',
  warp: 'warp',
  mapping: 'mapping, mapped, field mapping, map',
  field: 'field, property, properties, column, attribute',
  policy:
    'policy, wins conflict, who wins, wins, conflict policy, conflict rule, precedence, takes precedence, prevail',
  audit: 'audit, audit trail, audit log, who changed',
  partner_webhook:
    'partner webhook, partner webhooks, partners webhooks, webhook of partners, webhooks for partners',
  webhook: 'webhook, webhook delivery, webhook deliveries, hook delivery, hooks, web hook, web hooks',
  drift:
    'reconciliation repair, reconciliation report, drift, drift report, missing from, anything missing, did the reconciliation, reconciliation found, reconciliation find, reconciliation result, last reconciliation',
  pending:
    'not reached, not yet reached, has not reached, have not reached, pending change, pending changes, changes pending, changes are pending, pending write, waiting to be written, not yet written, yet to reach, unsent, not written yet, not been written, still to be written, not sent yet, unpushed',
  onboarding: 'onboarding, onboard, onboarded, being onboarded, onboardings',
  limits: 'may i ask, may i still ask, rate limit, quota, limits, still ask',
  port_out: 'port these numbers out, port numbers out, port out, port them out, port this number out',
  port: 'port order, being ported, porting order, porting, number porting, ported, port-in, port-out, lnp',
  campaign: 'campaign, messaging campaign, sms campaign, 10dlc, 10 dlc, 10dlc campaign, a2p',
  rate_plan: 'rate plan, price plan, tariff, pricing plan, plans cost, calling plan',
  growth:
    'telephone business, recurring revenue grow, revenue growth, mrr growth, telephony growth, new and lost accounts, mrr development, recurring revenue develop, recurring revenue growth, mrr grow, telephony business, how revenue grew, net new mrr, expansion and contraction, revenue develop, growth of recurring revenue, growth of mrr, telephone business grow',
  by_month: 'by month, month by month, monthly, each month, per month, months',
  renewal:
    'renewal, renew, contract end, contract expire, expiring contract, contract renewal, contracts end, contracts expiring, contract expiring, up for renewal, contract, expiring, expire, run out, runs out',
  transaction:
    'transaction, sales, sale, sold, sell, return, returned, came back, come back, goods sold, selling',
  movers:
    'mover, movers, moved, moved most, move, changed most, dropped, drop, fell, fall most, improved, improve, biggest change, health change, rose, score change, score changed, swing, swung, worse, got worse, better, got better, deteriorate, declined most, jumped, changed the most, worsened, gained',
  why_changed:
    'what moved, why did change, why did it change, what changed, which facts moved, moved it, reason for the change, why changed, what caused the change, caused, made it change, made the score change, why did the score, why did the health',
  distribution:
    'distribution, spread, breakdown, on average, average, overall, what share, share of, how many in poor, how many are thriving, histogram, how are our customers, how do our customers, mean, in total, percentage, proportion, split, all customers together, across all',
  portfolio:
    'needs attention, need attention, at risk, at-risk, worry about, worry, least healthy, worst, rank, ranking, needs my attention, need my attention, portfolio, need our attention, needs our attention, in danger, struggling, bad shape customers, watch list, watchlist, sorted by worst, require attention, requires attention, deserve attention, weakest, lowest health, unhealthiest, concern, concerned, concerns, trouble, care about most, in bad shape, in poor shape, doing badly, doing poorly, doing worst',
  alternative:
    'alternative, replace, replacement, substitute, stand in, stand-in, instead of, drop-in, alternate, swap, equivalent, reorder, order it again, re-order, supply risk, supply at risk, supply, reordering, second source, scarce, cross reference, cross-reference, supply threatened, restock, replenish, run out of',
  late: 'late, reliable, reliability, punctual, punctuality, delay, on time, dependable, delivery performance',
  whoami:
    'who am i, whoami, may i do, am i allowed, my permission, my role, my right, my scope, permission, signed in, logged in, my account permission, am i an admin, my organization, which organization, my access, am i, what can i do, i allowed, role, rights, scope, access right, access rights, my profile, my user',
  conversation: 'conversation, my chat, chat history, talk about, talked about, our chat, past chats, chats',
  signal: 'fact, facts, evidence, do we know of, known of, signals, signal',
  number_of: 'how many, how much, count, number of, amount of, quantity of, total number of',
  why: 'why, explain, reason, because of what, what drives, what speaks, drive, drives, behind',
  compare:
    'reconcile, reconciliation, compare everything, check everything, compare all, repair, repair what differs, compare, cross-check, full comparison, double check everything, fix difference, fix differences, differ, verify everything, verify all',
  // Deeds
  start: 'start, trigger, kick off, kick-off, launch, begin, initiate, fire off, execute, rerun, re-run',
  pause:
    'pause, stop syncing, put on hold, suspend, halt, hold, stop, take out of service, out of service, block, disable, deactivate, shut down, switch off, turn off, freeze, interrupt, turn it off, take down, shut off, cut off, bar, lock, take offline',
  resume:
    'resume, go on, unpause, reactivate, unsuspend, enable, re-enable, activate, turn on, switch on, turn back on, switch back on, back into service, back in service, carry calls again, unblock, continue, active again, restart, turn on again, bring back, unfreeze, back on, reenable, lift the suspension, unlock, re-activate, restore, put back in service, back online, back up, reopen the trunk, working again',
  plan: 'plan a sync, what would a sync, dry run, dry-run, simulate, simulate a sync, preview, preview a sync, would do, would change, would happen, test run, plan the sync, rehearse, plan, would it change',
  retry:
    'try again, retry, replay, try the failed, again try, reprocess, re-process, redo, try them again, rerun the failed, requeue',
  delete:
    'delete, remove, drop all, erase, wipe, purge, destroy, get rid of, throw away, clear out, trash, truncate, nuke',
  create:
    'create, add, make a, make an, make new, new deal for, set up a, set up an, open a new, register, raise a, raise an, log a new, enter a, insert, schedule a, book a',
  change:
    'change, edit, modify, rename, set, adjust, assign, reassign, move to, mark, raise, lower, increase, decrease, fill in, overwrite, amend, correct, alter, reset',
  link: 'link, tie, attach, associate, connect with deal',
  unlink:
    'unlink, detach, disconnect, untie, separate, unmerge, revoke, cut the connection, end the connection, remove the connection',
  merge: 'merge, combine, consolidate, join together, unify',
  reserve: 'reserve, hold part, hold parts, hold stock, set aside, put aside, earmark',
  release: 'release, give back, free up, let go of',
  win: 'we won, won this, have won, customer ordered, won the, win the',
  lose_rfq: 'we lost, lost this, bought elsewhere, lost the',
  quote: 'quote this, send price, send prices, quote the, quote rfq, price this, should we quote, prices for',
  approve:
    'approve, accept, reject, decline, sign off on, authorize, ok this, dismiss, acknowledge, resolve, close, reopen, re-open, settle, escalate, complete',
  pay: 'has paid, have paid, paid this, record payment, record the payment, was paid, refund, payout',
  recompute:
    'recompute, judge all, rejudge, recalculate, recalculation, score anew, rescore, re-score, refresh the scores, judge everybody, judge anew, compute anew, re-calculate, recompute all, recomputed',
  enrich: 'enrich, enrichment',
  call: 'dial, ring up, text them, ring',
}

/** Deeds that change something. */
export const DEEDS: readonly string[] = [
  ...[
    'sync',
    'push',
    'connected',
    'start',
    'pause',
    'resume',
    'retry',
    'delete',
    'create',
    'change',
    'link',
    'unlink',
    'merge',
  ],
  ...['reserve', 'release', 'win', 'lose_rfq', 'approve', 'pay', 'recompute', 'enrich', 'compare', 'call'],
]
