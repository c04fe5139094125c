/** What names are made of. Brands are invented from syllables, so that no demo company is a real one. */

export const BRAND_HEADS =
  'Hal Nor Bren Cal Dor Fen Gar Hel Ing Kel Lor Mar Nev Ost Pem Quin Ral Sel Tor Ul Vor Wex Yar Zel Ash Bal Cor Dun Eld Fal Gris Holm Jar Kam Lin Mor Nas Or Pel Rav Sten Tam Ven Wil'.split(
    ' ',
  )
export const BRAND_TAILS =
  'vorsen wick mont dale bury ström gate field lund mark quist haven ridge stone vale ton berg haus croft more nix tec land ford worth ley holt bourne mere shaw den by combe stead garth thorpe wold ness ard ine'.split(
    ' ',
  )

/** Trades: what the business calls itself, and HubSpot's industry value for it. */
export const TRADES = [
  ['Controls', 'INDUSTRIAL_AUTOMATION'],
  ['Automation', 'INDUSTRIAL_AUTOMATION'],
  ['Robotics', 'INDUSTRIAL_AUTOMATION'],
  ['Instruments', 'ELECTRICAL_ELECTRONIC_MANUFACTURING'],
  ['Electronics', 'ELECTRICAL_ELECTRONIC_MANUFACTURING'],
  ['Circuits', 'ELECTRICAL_ELECTRONIC_MANUFACTURING'],
  ['Power Systems', 'ELECTRICAL_ELECTRONIC_MANUFACTURING'],
  ['Semiconductor', 'SEMICONDUCTORS'],
  ['Microdevices', 'SEMICONDUCTORS'],
  ['Medical Devices', 'MEDICAL_DEVICES'],
  ['Diagnostics', 'MEDICAL_DEVICES'],
  ['Health Partners', 'HOSPITAL_HEALTH_CARE'],
  ['Clinics', 'HOSPITAL_HEALTH_CARE'],
  ['Avionics', 'AVIATION_AEROSPACE'],
  ['Aerospace', 'AVIATION_AEROSPACE'],
  ['Motors', 'AUTOMOTIVE'],
  ['Vehicle Systems', 'AUTOMOTIVE'],
  ['Telecom', 'TELECOMMUNICATIONS'],
  ['Voice Networks', 'TELECOMMUNICATIONS'],
  ['Wireless', 'WIRELESS'],
  ['Software', 'COMPUTER_SOFTWARE'],
  ['Data', 'COMPUTER_SOFTWARE'],
  ['Cloud Services', 'INFORMATION_TECHNOLOGY_AND_SERVICES'],
  ['IT Solutions', 'INFORMATION_TECHNOLOGY_AND_SERVICES'],
  ['Contact Centers', 'OUTSOURCING_OFFSHORING'],
  ['Logistics', 'LOGISTICS_AND_SUPPLY_CHAIN'],
  ['Freight', 'LOGISTICS_AND_SUPPLY_CHAIN'],
  ['Supply', 'WHOLESALE'],
  ['Distribution', 'WHOLESALE'],
  ['Components', 'WHOLESALE'],
  ['Energy', 'RENEWABLES_ENVIRONMENT'],
  ['Solar', 'RENEWABLES_ENVIRONMENT'],
  ['Castings', 'MACHINERY'],
  ['Precision Tooling', 'MACHINERY'],
  ['Pumps & Valves', 'MACHINERY'],
  ['Security', 'SECURITY_AND_INVESTIGATIONS'],
  ['Lighting', 'CONSUMER_ELECTRONICS'],
  ['Audio', 'CONSUMER_ELECTRONICS'],
  ['Appliances', 'CONSUMER_GOODS'],
  ['Foods', 'FOOD_PRODUCTION'],
  ['Hotels', 'HOSPITALITY'],
  ['Resorts', 'HOSPITALITY'],
  ['Insurance', 'INSURANCE'],
  ['Financial', 'FINANCIAL_SERVICES'],
  ['Legal Group', 'LAW_PRACTICE'],
  ['Realty', 'REAL_ESTATE'],
  ['Construction', 'CONSTRUCTION'],
  ['Marine', 'MARITIME'],
  ['Rail', 'TRANSPORTATION_TRUCKING_RAILROAD'],
  ['University', 'HIGHER_EDUCATION'],
  ['Labs', 'RESEARCH'],
  ['Optics', 'ELECTRICAL_ELECTRONIC_MANUFACTURING'],
  ['Sensors', 'ELECTRICAL_ELECTRONIC_MANUFACTURING'],
  ['Staffing', 'STAFFING_AND_RECRUITING'],
  ['Media', 'ONLINE_MEDIA'],
  ['Retail', 'RETAIL'],
  ['Outfitters', 'RETAIL'],
  ['Toys', 'CONSUMER_GOODS'],
  ['Gardens', 'CONSUMER_GOODS'],
  ['Events', 'EVENTS_SERVICES'],
  ['Travel', 'LEISURE_TRAVEL_TOURISM'],
  ['Printing', 'PRINTING'],
  ['Packaging', 'PACKAGING_AND_CONTAINERS'],
  ['Plastics', 'PLASTICS'],
  ['Chemicals', 'CHEMICALS'],
] as const

export const REGIONS = [
  'North',
  'South',
  'East',
  'West',
  'Pacific',
  'Atlantic',
  'Midwest',
  'Mountain',
] as const

export const LEGAL_FORMS = [
  ['Inc.', 34],
  ['LLC', 26],
  ['Corp.', 12],
  ['Ltd.', 8],
  ['Co.', 6],
  ['GmbH', 4],
  ['S.A.', 2],
  ['plc', 2],
  ['', 6],
] as const

/** City, state, a ZIP there, and an area code in use there. */
export const PLACES = [
  ['Denver', 'CO', '80202', '303'],
  ['Boulder', 'CO', '80301', '720'],
  ['Austin', 'TX', '78701', '512'],
  ['Dallas', 'TX', '75201', '214'],
  ['Houston', 'TX', '77002', '713'],
  ['Chicago', 'IL', '60601', '312'],
  ['Naperville', 'IL', '60540', '630'],
  ['Boston', 'MA', '02108', '617'],
  ['Worcester', 'MA', '01608', '508'],
  ['New York', 'NY', '10001', '212'],
  ['Rochester', 'NY', '14604', '585'],
  ['Newark', 'NJ', '07102', '973'],
  ['Philadelphia', 'PA', '19103', '215'],
  ['Pittsburgh', 'PA', '15222', '412'],
  ['Cleveland', 'OH', '44114', '216'],
  ['Columbus', 'OH', '43215', '614'],
  ['Detroit', 'MI', '48226', '313'],
  ['Grand Rapids', 'MI', '49503', '616'],
  ['Minneapolis', 'MN', '55401', '612'],
  ['Milwaukee', 'WI', '53202', '414'],
  ['St. Louis', 'MO', '63101', '314'],
  ['Kansas City', 'MO', '64106', '816'],
  ['Atlanta', 'GA', '30303', '404'],
  ['Charlotte', 'NC', '28202', '704'],
  ['Raleigh', 'NC', '27601', '919'],
  ['Miami', 'FL', '33131', '305'],
  ['Tampa', 'FL', '33602', '813'],
  ['Nashville', 'TN', '37203', '615'],
  ['Phoenix', 'AZ', '85004', '602'],
  ['Salt Lake City', 'UT', '84101', '801'],
  ['Seattle', 'WA', '98101', '206'],
  ['Portland', 'OR', '97204', '503'],
  ['San Jose', 'CA', '95113', '408'],
  ['San Diego', 'CA', '92101', '619'],
  ['Los Angeles', 'CA', '90017', '213'],
  ['Sacramento', 'CA', '95814', '916'],
] as const

export const STREETS =
  'Main St,Market St,Industrial Pkwy,Commerce Dr,Mill Rd,Harbor Blvd,Technology Way,Elm Ave,Canal St,Foundry Ln,Airport Rd,Summit Ave'.split(
    ',',
  )

export const FIRST_NAMES =
  'Maria James Aisha Wei Elena Marcus Priya Thomas Sofia Daniel Fatima Hiroshi Grace Peter Lucía Andrew Ingrid Omar Rachel Victor Chloé Samuel Nadia Kevin Hannah Diego Olivia Farid Emma Lars Yuki Brian Amara Patrick Leila George Mei Robert Anita Jonas Carla Stephen Zoë Ahmed Laura Dmitri Naomi Paul Teresa Björn Julia Malik Claire Anton Rosa Henry Simone Raj Alice Felix'.split(
    ' ',
  )
export const LAST_NAMES =
  "Keller Nguyen Patel Johnson García Rossi Okafor Müller Tanaka Smith Haddad Novak Brooks Larsen Santos Whitfield Kim Ortega Schmidt Ali Dubois Carter Ivanova Chen Murphy Andersson Reyes Fischer Banerjee O'Connor Lindqvist Moreau Walker Yamamoto Petrov Costa Bauer Mensah Hughes Romero Jansen Sato Fraser Weiss Mbeki Castillo Olsen Sharma Price Virtanen Delgado Reid Takahashi Wagner Silva Coleman Nowak Hassan Becker Lopez Foster Lind Aziz Barnes Mazur Ferrari Grant Horvat Singh Perez Lambert Dixon Ueda Krüger Marsh Sørensen Vega Pope".split(
    ' ',
  )

export const JOBS = [
  ['Purchasing Manager', 'purchasing'],
  ['Head of Procurement', 'purchasing'],
  ['Buyer', 'purchasing'],
  ['Chief Technology Officer', 'technical'],
  ['Network Engineer', 'technical'],
  ['VoIP Administrator', 'technical'],
  ['Hardware Engineer', 'technical'],
  ['Chief Executive Officer', 'executive'],
  ['Vice President Operations', 'executive'],
  ['Accounts Payable', 'billing'],
  ['Controller', 'billing'],
  ['Office Manager', 'general'],
  ['IT Director', 'technical'],
  ['Product Manager', 'general'],
] as const

export const FREE_MAIL = ['gmail.com', 'outlook.com', 'yahoo.com', 'icloud.com', 'hotmail.com'] as const

/** Long words and how people cut them short. */
export const ABBREVIATIONS: Readonly<Record<string, string>> = {
  Controls: 'Ctrls',
  Automation: 'Autom',
  Instruments: 'Instr',
  Electronics: 'Elec',
  Semiconductor: 'Semi',
  Systems: 'Sys',
  Devices: 'Dev',
  Logistics: 'Log',
  Distribution: 'Dist',
  Components: 'Comp',
  Services: 'Svcs',
  Solutions: 'Soln',
  Networks: 'Ntwks',
  Precision: 'Prec',
  Construction: 'Constr',
  Financial: 'Fin',
  Packaging: 'Pkg',
  International: 'Intl',
}
