"""Words that tell what a name or noun stands for: titles, bodies, places, persons, men and women."""

from __future__ import annotations

from spinscope.data.speech_verbs import word_set

TITLES = word_set(
    "Mr Mrs Ms Miss Dr Prof Professor Sir Lady Lord Dame Councillor Minister President Mayor Senator Deputy Colonel "
    "Captain General Judge Father Bishop Archbishop Superintendent Prosecutor Inspector Sister Brother Rev Reverend "
    "Commander Secretary Coach Skipper Governor Chancellor Premier King Queen Prince Princess Sergeant Lieutenant "
    "Major Admiral Ambassador Sheriff Justice Alderman Deacon Pastor Imam Rabbi Sheikh Cardinal Pope Chairman "
    "Chairwoman Chair Director Representative Congressman Congresswoman Officer Constable Envoy Elder Magistrate "
    "Attorney Detective Speaker Chief Leader Manager Vice Energy Prime Foreign Interior Finance Defence Defense "
    "Health Education Labour Transport Trade Economy Culture Agriculture Opposition Majority Minority Undersecretary "
    "Comrade Uncle Aunt Grandpa Grandma Nurse Doctor Mother Madam Herr Frau Monsieur Madame Signor Senor Spokesman "
    "Spokeswoman"
)
"""Words before a name that are no part of it, capitalised."""

MALE_TITLES = word_set(
    "Mr Sir Lord Father Brother King Prince Chairman Congressman Herr Monsieur Signor Senor Uncle Grandpa Spokesman "
    "Alderman Imam Sheikh Cardinal Pope"
)
FEMALE_TITLES = word_set(
    "Mrs Ms Miss Lady Dame Sister Queen Princess Chairwoman Congresswoman Frau Madame Aunt Grandma Mother Madam "
    "Spokeswoman"
)

BODIES = word_set(
    "Chamber Ministry Bank University Council Federation Union Court Board House Party Institute Academy Bureau "
    "Department Office Guild League Church Association Agency Commission Committee Service Services Society Front "
    "Movement Alliance Group Club Hospital Police Authority Company Inspectorate Foundation Centre Center Staff "
    "Mission Trust Parliament Assembly Senate Congress Cabinet Coalition Network Caucus Corps Tribunal Embassy "
    "Treasury Secretariat Bloc School College Museum Television Radio Times Post Herald News Gazette Journal Courier "
    "Monitor Press Review Bulletin Daily Weekly Tribune Observer Guard Army Navy Forces Command Fund Holding Holdings "
    "Industries Energy Airlines Airways Motors Bros Ltd Inc Corp Nations States Republic Kingdom Rovers United City "
    "Athletic Democrats Republicans Greens Liberals Conservatives Labour Campaign Forum Circle Accord Registry "
    "Laboratory Observatory Infirmary Clinic Survey Line Watch"
)
"""Words that show a name to be a body's."""

BODY_ADJECTIVES = word_set(
    "New Free National United Royal Federal International Central Democratic Republican Public Social Open Clean Fair "
    "First Young Independent Progressive Conservative Liberal Socialist Christian Islamic Muslim Jewish Catholic European "
    "African Asian American British World Global Eastern Western Northern Southern"
)
"""Words of names that no person bears, unless a first name stands before them."""

BODY_NOUNS = word_set(
    "government firm management bloc newspaper paper daily weekly channel regime delegation embassy administration "
    "crew family leadership force mission panel jury inquiry study report leaflet letter"
)
"""Further nouns, in lower case, for bodies and papers that speak."""

PLACES = word_set(
    "Road Street Square Park Bridge Island Islands River Valley Hill Hills Hall Bay Lane Avenue Station Airport Port "
    "Beach Mountain Mountains Lake Sea Ocean Coast Market Quay Pier Gate Harbour Harbor Province District County "
    "Region North South East West Strait Ridge Field Fields Forest Plain Gulf Cape Court Tower Terrace Crescent Close "
    "Row Lock Isles Water Waters"
)
"""Last words that show a name to be a place's."""

FIRST_NAMES = word_set(
    "Peter Walter Alexander Oliver Carter Hunter Tyler Christopher Roger Heather Esther Jennifer Amber Victor Hector "
    "Igor Ian Brian Julian Adrian Christian Sebastian Vivian Lillian Gunter Günter Xavier Javier Olivier Didier "
    "Werner Rainer Dieter Grant Trevor Connor Conor Eleanor Nestor Salvador Theodor Viktor Fyodor Spencer Chester "
    "Lester Homer Jasper Casper Kaspar Parker Cooper Taylor Harper Piper Skyler Holger Asher Alistair Ger Aleksander "
    "Oscar Omar Edgar Elmer Eliezer Dorian Damian Fabian Florian Gillian Marian Miriam Ryan Bryan Norman Herman "
    "Hermann Roman Osman Usman Lyman Sherman"
)
"""First names that look like nouns for persons (Walter, Adrian)."""

NOT_NAMES = word_set(
    "The A An In On At But And Its His Her Their Our My It He She They This That These Those When While After Before "
    "As If For From With Under Over Since Yet So Asked Both Some Many Most One Two Three Four Five Six No Not Then "
    "Now There Another Other Others Also According Even Only To By Of Or What Who Which Why How Where Nor Neither "
    "Either Is Are Was Were Did Does Do Has Have Had Will Would Can Could Should May Might Must Let I You We I'm I've "
    "I'd I'll Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June July August "
    "September October November December Yes Well Oh Ah Nobody Everyone Last Next Each Every All Such Here Again "
    "Still Never Because Although Though Until Unless Between Among Against Within Without Across Behind Instead "
    "Meanwhile However Nearly About Whether Up Down Out Off Once Whoever Whatever Several Few Half Perhaps Maybe "
    "Today Tomorrow Yesterday Tonight Replying Speaking Right Okay OK Sure Laughter Applause"
)
"""Capitalised words that open sentences and are no names."""

PERSONS = word_set(
    "minister officer leader teacher farmer lawyer manager driver speaker member writer reader voter singer player "
    "trainer commander soldier campaigner organiser organizer commissioner lecturer researcher reporter broadcaster "
    "newsreader presenter caller listener viewer baker butcher banker trader broker dealer grocer shopper customer "
    "buyer seller employer builder painter plumber carpenter welder miner fisher sailor skipper docker porter rider "
    "cyclist walker runner boxer wrestler footballer cricketer keeper striker defender midfielder winger batter "
    "bowler coach referee umpire captain challenger rival newcomer settler villager islander prisoner murderer killer "
    "robber burglar intruder fighter rebel lover follower supporter believer preacher pastor priest bishop archbishop "
    "vicar rabbi imam monk nun deacon chaplain elder father mother brother sister daughter son husband wife uncle "
    "aunt cousin nephew niece grandfather grandmother grandad gran granny nan dad mum parent child boy girl man woman "
    "lad lass bloke chap guy kid baby toddler teen teenager youth widow widower bride groom partner boyfriend "
    "girlfriend friend neighbour neighbor stranger guest host visitor tourist owner founder director chairman "
    "chairwoman chair president chancellor premier mayor governor senator deputy councillor councilor legislator "
    "lawmaker congressman congresswoman ambassador envoy diplomat negotiator mediator inspector investigator "
    "prosecutor solicitor barrister attorney judge juror magistrate sheriff constable detective sergeant corporal "
    "lieutenant major colonel general admiral doctor nurse surgeon midwife pharmacist dentist vet patient professor "
    "scholar student pupil headteacher principal dean rector tutor author editor journalist columnist correspondent "
    "critic poet actor actress producer artist musician composer conductor designer architect engineer mechanic "
    "electrician technician scientist expert analyst adviser advisor consultant administrator coordinator clerk "
    "secretary treasurer accountant auditor assessor surveyor planner librarian archivist curator caretaker cleaner "
    "cook chef waiter waitress barman barmaid landlord landlady tenant resident occupant inhabitant citizen survivor "
    "victim witness suspect defendant plaintiff complainant spokesperson spokesman spokeswoman representative "
    "delegate candidate activist protester demonstrator dissident refugee migrant immigrant veteran hero boss chief "
    "head executive entrepreneur investor shareholder millionaire billionaire magnate tycoon heir king queen prince "
    "princess lord lady gentleman sir madam official aide bureaucrat pilot steward stewardess guard ranger lifeguard "
    "gardener grower herder shepherd shopkeeper postman milkman fisherman policeman fireman firefighter bystander "
    "passer-by onlooker commuter passenger motorist pedestrian subscriber contributor volunteer donor helper carer "
    "caregiver counsellor therapist pal colleague relative predecessor successor ancestor heiress celebrity star "
    "model dancer gran's hubby pensioner usher curate organist warden monitor signatory backbencher whip opponent "
    "ally insider outsider source gp mp physio interpreter translator recruit cadet conscript worshipper parishioner "
    "churchgoer voice moderator interviewer quizmaster "
    "grandson granddaughter grandchild stepson stepdaughter stepfather stepmother godfather godmother fiance fiancee spouse "
    "sibling orphan tailor weaver trapper hunter ferryman courier cabbie guide locksmith blacksmith potter sculptor drummer "
    "teammate classmate roommate housemate flatmate co-worker coworker intern apprentice trainee butler maid nanny "
    "babysitter vendor hotelier restaurateur publican bartender sommelier cobbler tanner miller brewer distiller forester "
    "logger lumberjack surfer swimmer climber skier diver hiker gamer streamer blogger vlogger influencer hacker coder "
    "programmer astronaut astronomer explorer navigator jailer bailiff coroner registrar notary paramedic medic orderly "
    "matron abbot abbess hermit pilgrim sexton verger cantor jockey gambler punter fan spectator attendee participant "
    "contestant winner runner-up debutant rookie novice amateur youngster adolescent squatter taxpayer ratepayer claimant "
    "applicant deportee detainee evacuee employee trustee nominee retiree devotee returnee escapee absentee juggler acrobat "
    "clown magician puppeteer storyteller crofter smallholder herdsman drover trucker cabinetmaker upholsterer glazier "
    "roofer plasterer decorator tiler scaffolder rigger machinist foundryman stoker signalman attendant flight-attendant "
    "bellboy concierge janitor doorman bouncer sentry sniper gunner sapper paratrooper militiaman guerrilla insurgent "
    "warlord commandant quartermaster adjutant ensign midshipman helmsman bosun castaway stowaway smuggler poacher thief "
    "swindler forger hostage kidnapper hijacker arsonist bomber gunman attacker assailant mugger vandal looter rioter "
    "marcher blackleg agitator ringleader mutineer deserter traitor informer whistleblower leaker spy agent operative "
    "lobbyist pollster strategist speechwriter staffer canvasser elector constituent incumbent frontrunner front-runner "
    "clergyman parson archdeacon cleric mullah ayatollah sheikh guru swami lama disciple choirboy chorister bell-ringer "
    "biologist oceanographer statistician mathematician epidemiologist virologist clinician anaesthetist obstetrician "
    "paediatrician pediatrician optician chiropodist podiatrist undertaker gravedigger stonemason thatcher dyer seamstress "
    "dressmaker milliner draper haberdasher ironmonger fishmonger greengrocer newsagent florist confectioner chocolatier "
    "pastry-cook cheesemaker vintner winegrower farrier stablehand farmhand labourer laborer navvy"
)
"""Nouns for one person."""

MEN = word_set(
    "man boy father husband brother son uncle grandfather grandad dad king prince chairman spokesman businessman "
    "policeman fisherman widower priest monk gentleman foreman salesman chap lad bloke guy hubby nephew boyfriend "
    "rabbi imam grandson stepson stepfather godfather clergyman doorman"
)
KIN = word_set(
    "father mother brother sister daughter son husband wife uncle aunt cousin nephew niece grandfather grandmother grandad "
    "gran nan dad mum grandson granddaughter stepfather stepmother partner boyfriend girlfriend friend neighbour neighbor brother-in-law sister-in-law mother-in-law "
    "father-in-law son-in-law daughter-in-law"
)
"""Nouns for persons who are somebody's."""

WOMEN = word_set(
    "woman girl mother mum wife sister daughter aunt grandmother queen princess chairwoman spokeswoman widow nun lady "
    "policewoman businesswoman actress waitress midwife gran granny nan landlady lass niece girlfriend granddaughter stepdaughter stepmother godmother seamstress abbess matron"
)
