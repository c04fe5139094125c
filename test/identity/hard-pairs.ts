/**
 * Pairs of names as they are met in records of real trade, and what is right for each: whether both are one customer, and what may be
 * done without asking. Written by hand from general knowledge; none of them comes from what the matcher was made with.
 */
export interface HardPair {
  a: string
  b: string
  domains?: [string | null, string | null]
  places?: [string, string]
  /** Whether they are one customer. */
  same: boolean
  /** What the matcher may do. Linking two that differ is never right, nor is keeping apart what only a person could tell. */
  may: readonly ('LINK' | 'ASK' | 'APART')[]
}

const pair = (a: string, b: string, same: boolean, may: string, more: Partial<HardPair> = {}): HardPair => ({
  ...{ a, b, same, may: may.split(' ') as HardPair['may'] },
  ...more,
})

export const HARD_PAIRS: readonly HardPair[] = [
  // One customer, written in two ways.
  pair('Siemens AG', 'SIEMENS AG', true, 'LINK'),
  pair('Siemens AG', 'Siemens Aktiengesellschaft', true, 'LINK'),
  pair('Bosch Rexroth AG', 'Bosch-Rexroth', true, 'LINK'),
  pair('Coca-Cola Company', 'Cocacola Co.', true, 'LINK ASK'),
  pair('The Boeing Company', 'Boeing', true, 'LINK ASK'),
  pair("McDonald's Corporation", 'McDonalds Corp', true, 'LINK ASK'),
  pair('Johnson & Johnson', 'Johnson and Johnson', true, 'LINK ASK'),
  pair('Texas Instruments Incorporated', 'Texas Instruments, Inc.', true, 'LINK'),
  pair('Honeywell International Inc.', 'Honeywell Intl', true, 'LINK ASK'),
  pair('Rockwell Automation', 'Rockwell Autom. Inc', true, 'LINK ASK'),
  pair('Murata Manufacturing Co., Ltd.', 'Murata Mfg', true, 'LINK ASK'),
  pair('Société Générale S.A.', 'Societe Generale SA', true, 'LINK'),
  pair('Škoda Auto a.s.', 'Skoda Auto as', true, 'LINK'),
  pair('Газпром', 'Gazprom PAO', true, 'LINK ASK'),
  pair('Phоenix Contact GmbH', 'Phoenix Contact GmbH & Co. KG', true, 'LINK ASK'),
  pair('Endress+Hauser', 'Endress Hauser AG', true, 'LINK'),
  pair('Schneider Electric', 'Schnieder Electric', true, 'ASK LINK APART'),
  pair('Wolters Kluwer N.V.', 'Wolters Kluver NV', true, 'ASK', { domains: [null, null] }),
  pair('Wolters Kluwer N.V.', 'Wolters Kluver NV', true, 'LINK', {
    domains: ['wolterskluwer.com', 'wolterskluwer.com'],
  }),
  pair('Hewlett Packard Enterprise', 'HPE', true, 'ASK APART LINK'),
  pair('BMW', 'Bayerische Motoren Werke AG', true, 'ASK'),
  pair('BMW', 'Bayerische Motoren Werke AG', true, 'LINK', { domains: ['bmw.de', 'bmw.de'] }),
  pair('IBM', 'International Business Machines Corp.', true, 'ASK'),
  pair('3M', 'Minnesota Mining', true, 'ASK APART'),
  pair('3M', 'Minnesota Mining and Manufacturing', true, 'ASK APART', { domains: ['3m.com', '3m.com'] }),
  pair('Alphabet Ireland', 'Google', true, 'ASK', { domains: ['google.com', 'google.com'] }),
  pair('Kellerman Pumps (Denver)', 'Kellerman Pumps LLC', true, 'LINK', { places: ['Denver', 'Denver'] }),
  pair('Trumpf SE + Co. KG', 'TRUMPF', true, 'LINK ASK'),
  pair('Acme Widgets', 'Acme', true, 'LINK ASK', { domains: ['acmewidgets.com', 'acmewidgets.com'] }),
  pair('Müller GmbH', 'Mueller GmbH', true, 'ASK APART LINK'),
  pair('Halversen Holdings LLC dba Front Range Pipe', 'Front Range Pipe', true, 'LINK ASK'),
  pair('P&G', 'Procter & Gamble', true, 'LINK', { domains: ['pg.com', 'pg.com'] }),
  pair('Parker-Hannifin Corp', 'ParkerHannifin', true, 'LINK'),
  pair('株式会社ユーザベース', 'ユーザベース', true, 'LINK ASK'),
  pair('삼성전자 주식회사', '삼성전자(주)', true, 'LINK ASK'),
  pair('华为技术有限公司', '华为技术', true, 'LINK ASK'),
  pair('Μυτιληναίος Α.Ε.', 'MYTILINAIOS AE', true, 'LINK ASK'),
  pair('WELLS FARGO & COMPANY/MN', 'Wells Fargo & Co', true, 'LINK'),
  pair('Hunt J B Transport Services', 'J.B. Hunt Transport Svcs', true, 'LINK ASK'),
  pair('Riverside Animal Hospital', 'Riverside Animal Hospital', true, 'LINK', {
    places: ['Spokane', 'Spokane'],
  }),
  // Different customers with much in common.
  pair('Siemens AG', 'Siemens Energy AG', false, 'ASK APART'),
  pair('Siemens AG', 'Siemens Energy AG', false, 'ASK APART', {
    domains: ['siemens.com', 'siemens-energy.com'],
  }),
  pair('Siemens AG', 'Siemens Healthineers AG', false, 'ASK APART'),
  pair('Delta Air Lines', 'Delta Electronics', false, 'APART'),
  pair('Delta Air Lines, Inc.', 'Delta Faucet Company', false, 'APART'),
  pair('Müller GmbH', 'Mueller Ltd', false, 'ASK APART'),
  pair('General Electric', 'General Motors', false, 'APART'),
  pair('General Dynamics', 'General Electric', false, 'APART'),
  pair('American Airlines', 'American Express', false, 'APART'),
  pair('First National Bank', 'First Federal Bank', false, 'APART'),
  pair('United Airlines', 'United Rentals', false, 'APART'),
  pair('Texas Instruments', 'National Instruments', false, 'APART'),
  pair('Analog Devices', 'Advanced Micro Devices', false, 'APART'),
  pair('Smith Electric', 'Smith Plumbing', false, 'APART'),
  pair('Volkswagen AG', 'Volkswagen Financial Services AG', false, 'ASK APART'),
  pair('Toyota Motor Corp', 'Toyota Industries Corp', false, 'ASK APART'),
  pair('Mitsubishi Electric', 'Mitsubishi Heavy Industries', false, 'ASK APART'),
  pair('Samsung Electronics', 'Samsung SDI', false, 'ASK APART'),
  pair('Emerson Electric North America', 'Emerson Electric Europe', false, 'ASK APART'),
  pair('Bosch Germany GmbH', 'Bosch France SAS', false, 'ASK APART'),
  pair('Kelworth Controls', 'Kelworth Controls West', false, 'ASK APART', {
    domains: ['kelworth.com', 'kelworth.com'],
  }),
  pair('Studio 54', 'Studio 45', false, 'APART'),
  pair('Fund II LP', 'Fund III LP', false, 'APART'),
  pair('Harbor Capital Partners II', 'Harbor Capital Partners III', false, 'APART'),
  pair('Pier 1 Imports', 'Pier 7 Imports', false, 'APART'),
  pair('ABB', 'ABF', false, 'APART'),
  pair('Avnet', 'Arrow', false, 'APART'),
  pair('Continental AG', 'Continental Airlines', false, 'ASK APART'),
  pair('Apex LLC', 'Apex Inc', false, 'ASK APART'),
  pair('Summit Partners', 'Summit Consulting', false, 'APART'),
  pair('Delta Electronics', 'Delta Electronics', false, 'ASK APART', {
    domains: ['deltaww.com', 'delta-electronics-shop.de'],
  }),
  pair('Nordic Telecom', 'Nordic Solar', false, 'APART'),
  pair('Fenland Marine', 'Fenlund Marine', false, 'ASK APART'),
  pair('Bank of America', 'Bank of Montreal', false, 'APART'),
  pair('University of Michigan', 'Michigan State University', false, 'ASK APART'),
  pair('Hall Brothers', 'Hill Brothers', false, 'APART'),
  pair('Riverside Animal Hospital', 'Riverside Animal Hospital', false, 'ASK APART'),
  pair('Halden Freight', 'Halden Freight', false, 'ASK APART', { places: ['Denver', 'Boise'] }),
  pair('First National Bank of Waverly', 'First National Bank of Omaha', false, 'ASK APART', {
    places: ['Waverly', 'Omaha'],
  }),
  pair('AMCE', 'American Mining and Chemical Enterprises', false, 'ASK APART'),
  pair('Novartis', 'Novatris Media', false, 'ASK APART'),
]
