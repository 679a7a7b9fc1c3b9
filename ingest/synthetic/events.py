"""What happens to people in a day: for each of Freg's event types, to whom, how often, and which entries it changes.

SQL fragments speak of `p` (the person, before the event), `e` (the event: day, day_number, partner_id, variant),
`o` (the other person of the event, where there is one) and `r` (a residence drawn for the person and the day).
"""

from __future__ import annotations

from dataclasses import dataclass

RESIDENTS_OF_NORWAY = 5_600_000

_HERE = "p.status = 'bosatt' and not p.has_d_number and p.protection is null"
_ADULT_HERE = f"{_HERE} and p.age >= 18"


@dataclass(frozen=True)
class Change:
    """A new entry of an element; unless `ends_current` is false, it takes the place of the current one.

    is_current: false for an entry that belongs to history from the start.
    replaces: the element holds one entry without history, so the one before disappears.
    """

    element: str
    body: str
    ends_current: bool = True
    is_current: bool = True
    replaces: bool = False
    valid_from: str = "e.day"
    adresse_id: str = "cast(null as varchar)"


@dataclass(frozen=True)
class EventRule:
    """An event type: who is `eligible` (SQL over `p`), and the entries it brings.

    in_norway: how many of them a day has among `RESIDENTS_OF_NORWAY`; what no statistics count is estimated.
    repeatable: other events may happen to the person later on.
    before: statements over the table `event` that run before the changes.
    """

    event_type: str
    in_norway: int
    eligible: str
    changes: tuple[Change, ...] = ()
    repeatable: bool = False
    before: tuple[str, ...] = ()


def _entries_of(event_type: str) -> str:
    return f"person_id in (select person_id from event where event_type = '{event_type}')"


_RESIDENCE_BODY = """concat_ws(',',
    residence_location(r.kind, r.members, null),
    text_member('adresseIdentifikatorFraMatrikkelen', r.adresse_id),
    text_member('adressegradering', 'ugradert'),
    text_member('flyttedato', cast(e.day as varchar)),
    plain_member('grunnkrets', r.grunnkrets),
    plain_member('stemmekrets', 1 + r.grunnkrets % 40),
    plain_member('skolekrets', 1 + r.grunnkrets % 25),
    plain_member('kirkekrets', 1 + r.grunnkrets % 12))"""

_NUMBER_BODY = """concat_ws(',', text_member('status', 'iBruk'),
    text_member('foedselsEllerDNummer', {number}), text_member('identifikatortype', 'foedselsnummer'))"""

_END_NUMBER = (
    "update changed_entry set body = replace(body, '\"iBruk\"', '\"opphoert\"')"
    " where element = 'identifikasjonsnummer' and is_current and {who}"
)

# Who moves together is drawn in `days.py`.
MOVE = EventRule(
    "endringIBostedsadresse",
    2500,
    _HERE,
    (Change("bostedsadresse", _RESIDENCE_BODY, adresse_id="r.adresse_id"),),
    repeatable=True,
)

RULES: tuple[EventRule, ...] = (
    EventRule(
        "endringINavn",
        80,
        f"{_ADULT_HERE}",
        (
            Change(
                "navn",
                "concat_ws(',', text_member('fornavn', p.fornavn), text_member('mellomnavn', p.etternavn),"
                " text_member('etternavn', case when p.took_spouses_name then p.birth_name else (select any_value(navn)"
                " from family_name_slot where slot = pick(p.person_id, 'new name', 16384)) end))",
            ),
        ),
        repeatable=True,
    ),
    EventRule(
        "personErDoed",
        120,
        # Few die young.
        f"{_HERE} and u(p.person_id, 'frail') < exp((p.age - 100) / 11)",
        (
            Change("status", "text_member('status', 'doed')"),
            Change("doedsfall", "text_member('doedsdato', cast(e.day - 1 as varchar))", replaces=True),
        ),
    ),
    EventRule(
        "personErBosatt",
        200,
        "p.settled_nin is not null",
        (
            Change("identifikasjonsnummer", _NUMBER_BODY.format(number="p.settled_nin")),
            Change("status", "text_member('status', 'bosatt')"),
            Change("innflytting", "text_member('fraflyttingsland', p.origin_country)"),
            Change("bostedsadresse", _RESIDENCE_BODY, adresse_id="r.adresse_id"),
        ),
        before=(_END_NUMBER.format(who=_entries_of("personErBosatt")),),
    ),
    EventRule(
        "personErUtflyttet",
        95,
        _ADULT_HERE,
        (
            Change("status", "text_member('status', 'utflyttet')"),
            Change("utflytting", "text_member('tilflyttingsland', p.origin_country)"),
            Change(
                "postadresseIUtlandet",
                "text_member('adressegradering', 'ugradert') || ','"
                " || object_member('utenlandskAdresse', foreign_address(p.person_id, p.origin_country))",
            ),
        ),
        before=(
            "update changed_entry set is_current = false, valid_to = event.day from event"
            " where changed_entry.person_id = event.person_id and event.event_type = 'personErUtflyttet'"
            " and element = 'bostedsadresse' and is_current",
        ),
    ),
    EventRule(
        "endringIStatus",
        150,
        "p.status = 'midlertidig'",
        (Change("status", "text_member('status', 'inaktiv')"),),
    ),
    EventRule(
        "personErReaktivert",
        60,
        "p.status = 'inaktiv'",
        (Change("status", "text_member('status', 'midlertidig')"),),
    ),
    EventRule(
        "personErOpphoert",
        5,
        "p.status = 'inaktiv'",
        (Change("status", "text_member('status', 'opphoert')"),),
        before=(_END_NUMBER.format(who=_entries_of("personErOpphoert")),),
    ),
    EventRule(
        "endringIIdentitetsgrunnlag",
        60,
        "p.has_d_number and p.status = 'midlertidig'",
        (Change("identitetsgrunnlag", "text_member('identitetsgrunnlagstatus', 'kontrollert')"),),
    ),
    EventRule(
        "endringIUtenlandskPersonidentifikasjon",
        40,
        "p.has_d_number and p.status = 'midlertidig'",
        (
            Change(
                "utenlandskPersonidentifikasjon",
                "concat_ws(',', text_member('identifikasjonsnummer', 'Y' || p.person_id),"
                " text_member('identifikasjonsnummertype', 'utenlandskIdentifikasjonsnummer'),"
                " text_member('utstederland', p.origin_country))",
            ),
        ),
    ),
    EventRule(
        "endringIUtlendingsmyndighetenesIdentifikasjonsnummer",
        40,
        "p.has_d_number and p.status = 'midlertidig'",
        (
            Change(
                "utlendingsmyndighetenesIdentifikasjonsnummer",
                "concat_ws(',', text_member('identifikasjonsnummer', cast(200000000000 + p.person_id as varchar)),"
                " text_member('identifikasjonsnummertype', 'dufNummer'), text_member('utstederland', 'NOR'))",
            ),
        ),
    ),
    EventRule(
        "endringILegitimasjonsdokument",
        60,
        "p.has_d_number and p.status = 'midlertidig'",
        (
            Change(
                "legitimasjonsdokument",
                "concat_ws(',', text_member('identifikasjonsdokumentnummer', 'Q' || p.person_id),"
                " text_member('identifikasjonsdokumenttype', 'pass'), text_member('utstederland', p.origin_country))",
            ),
        ),
    ),
    EventRule(
        "endringIIdentifikasjonsnummer",
        3,
        f"{_HERE} and p.corrected_nin is not null",
        (Change("identifikasjonsnummer", _NUMBER_BODY.format(number="p.corrected_nin")),),
        before=(_END_NUMBER.format(who=_entries_of("endringIIdentifikasjonsnummer")),),
    ),
    EventRule(
        "endringIFalskIdentitet",
        1,
        "p.has_d_number and p.status = 'inaktiv'",
        (
            Change(
                "falskIdentitet",
                "plain_member('rettIdentitetErUkjent', 'true') || ',' || plain_member('erFalsk', 'true')",
                replaces=True,
            ),
        ),
    ),
    EventRule(
        "endringIKontaktopplysningerForDoedsbo",
        100,
        "p.status = 'doed'",
        (
            Change(
                "kontaktinformasjonForDoedsbo",
                "concat_ws(',', object_member('organisasjon', text_member('organisasjonsnavn', 'Arv og skifte AS')),"
                " text_member('skifteform', 'offentlig'),"
                " text_member('attestutstedelsesdato', cast(e.day as varchar)),"
                " object_member('adresse', concat_ws(',', '\"adresselinje\":[\"Postboks 7\"]',"
                " text_member('poststedsnavn', 'OSLO'), text_member('postnummer', '0185'))))",
            ),
        ),
    ),
    EventRule(
        "endringIDeltBosted",
        30,
        f"{_HERE} and p.age between 2 and 17",
        (
            Change(
                "deltBosted",
                "concat_ws(',', residence_location(r.kind, r.members, null),"
                " text_member('startdatoForKontrakt', cast(e.day as varchar)),"
                " text_member('adresseIdentifikatorFraMatrikkelen', r.adresse_id),"
                " text_member('adressegradering', 'ugradert'))",
                adresse_id="r.adresse_id",
            ),
        ),
    ),
    EventRule(
        "endringIFoedsel",
        20,
        f"{_HERE} and p.is_born_abroad",
        (
            Change(
                "foedsel",
                "concat_ws(',', text_member('foedselsdato', cast(p.birth_date as varchar)),"
                " plain_member('foedselsaar', year(p.birth_date)), text_member('foedested', 'Old Town'),"
                " text_member('foedeland', p.origin_country))",
                replaces=True,
            ),
        ),
    ),
    EventRule(
        "endringIFoedselINorge",
        10,
        f"{_HERE} and not p.is_born_abroad and p.age < 20",
        (
            Change(
                "foedselINorge",
                "text_member('foedselsinstitusjonsnavn', 'Kvinneklinikken') || ','"
                " || plain_member('rekkefoelgenummer', 1)",
                replaces=True,
            ),
        ),
    ),
    EventRule(
        "endringIKjoenn",
        2,
        _ADULT_HERE,
        (
            Change(
                "kjoenn",
                "text_member('kjoenn', case p.gender when 'kvinne' then 'mann' else 'kvinne' end)",
            ),
        ),
    ),
    EventRule(
        "endringIDoedsfall",
        10,
        "p.status = 'doed'",
        (
            Change(
                "doedsfall",
                "text_member('doedsdato', cast(days_after(p.death_date, -1) as varchar))",
                replaces=True,
            ),
        ),
    ),
    EventRule(
        "endringIAdressebeskyttelse",
        8,
        _ADULT_HERE,
        (Change("adressebeskyttelse", "text_member('graderingsnivaa', 'fortrolig')"),),
        before=(
            'update changed_entry set body = replace(body, \'"adressegradering":"ugradert"\','
            ' \'"adressegradering":"fortrolig"\') where ' + _entries_of("endringIAdressebeskyttelse"),
        ),
    ),
    EventRule(
        "endringIBostedsadresseUtenFlytting",
        100,
        f"{_HERE} and p.person_id not in (select person_id from changed_person)",
        (
            # The dwelling gets a number; the street stays.
            Change(
                "bostedsadresse",
                '(select regexp_replace(any_value(s.body), \'"bruksenhetsnummer":"H0\', \'"bruksenhetsnummer":"H1\')'
                " from changed_entry as s where s.person_id = p.person_id and s.element = 'bostedsadresse'"
                " and s.is_current)",
                adresse_id="(select any_value(s.adresse_id) from changed_entry as s"
                " where s.person_id = p.person_id and s.element = 'bostedsadresse' and s.is_current)",
            ),
        ),
    ),
    EventRule(
        "endringIOppholdsadresse",
        150,
        f"{_ADULT_HERE} and p.age < 67",
        (
            Change(
                "oppholdsadresse",
                "concat_ws(',', residence_location(r.kind, r.members, null),"
                " text_member('adresseIdentifikatorFraMatrikkelen', r.adresse_id),"
                " text_member('adressegradering', 'ugradert'),"
                " text_member('oppholdsadressedato', cast(e.day as varchar)),"
                " text_member('oppholdAnnetSted', 'pendler'))",
                adresse_id="r.adresse_id",
            ),
        ),
    ),
    EventRule(
        "endringIInnflytting",
        15,
        f"{_HERE} and p.is_immigrant",
        (Change("innflytting", "text_member('fraflyttingsland', p.origin_country)"),),
    ),
    EventRule(
        "endringIUtflytting",
        10,
        "p.status = 'utflyttet'",
        (Change("utflytting", "text_member('tilflyttingsland', 'SWE')"),),
    ),
    EventRule(
        "endringIBrukAvSamiskSpraak",
        1,
        _ADULT_HERE,
        (Change("brukAvSamiskSpraak", '\'"spraak":["nordsamisk"]\''),),
    ),
    EventRule(
        "endringIKontaktinformasjon",
        250,
        _ADULT_HERE,
        (
            Change(
                "postadresse",
                "concat_ws(',', text_member('adressegradering', 'ugradert'), object_member('postboksadresse',"
                " concat_ws(',', text_member('postboks', 'Postboks ' || (1 + p.person_id % 900)),"
                " object_member('poststed', concat_ws(',', text_member('poststedsnavn', 'OSLO'),"
                " text_member('postnummer', '0185'))))))",
            ),
        ),
    ),
    EventRule(
        "endringIForeldreansvar",
        60,
        f"{_HERE} and p.age < 18 and p.mother_nin is not null",
        (
            Change(
                "foreldreansvar",
                "text_member('ansvar', 'mor') || ',' || text_member('ansvarlig', p.mother_nin)",
            ),
        ),
    ),
    EventRule(
        "endringIStatsborgerskap",
        100,
        "p.status = 'bosatt' and p.citizenship <> 'NOR'",
        (
            Change(
                "statsborgerskap",
                "text_member('statsborgerskap', 'NOR') || ',' || text_member('ervervsdato', cast(e.day as varchar))",
            ),
        ),
    ),
    EventRule(
        "endringIOpphold",
        150,
        "p.status = 'midlertidig'",
        (
            Change(
                "opphold",
                "text_member('oppholdstillatelse', 'permanent') || ','"
                " || text_member('oppholdFra', cast(e.day as varchar))",
            ),
        ),
    ),
    EventRule(
        "endringIVergemaal",
        40,
        f"{_ADULT_HERE} and coalesce(p.spouse_nin, p.mother_nin) is not null",
        (
            Change(
                "vergemaalEllerFremtidsfullmakt",
                "concat_ws(',', text_member('vergemaaltype', 'voksen'), object_member('verge', concat_ws(',',"
                " text_member('foedselsEllerDNummer', coalesce(p.spouse_nin, p.mother_nin)),"
                " text_member('omfang', 'oekonomiskeInteresser'))))",
            ),
        ),
    ),
)

# Events of two persons, or of persons who were not there before, are made in `days.py`; their entries are here.
SIVILSTAND = EventRule(
    "endringISivilstand",
    60,
    f"{_ADULT_HERE} and p.sivilstand in ('ugift', 'skilt', 'enkeEllerEnkemann') and p.age between 20 and 80",
    (
        Change(
            "sivilstand",
            "concat_ws(',', text_member('sivilstand', case e.variant when 'wedding' then 'gift'"
            " when 'separation' then 'separert' when 'divorce' then 'skilt' else 'enkeEllerEnkemann' end),"
            " text_member('sivilstandsdato', cast(e.day as varchar)), text_member('relatertVedSivilstand', o.nin))",
        ),
        Change(
            "familierelasjon",
            "case when e.variant = 'wedding' then concat_ws(',', text_member('relatertPerson', o.nin),"
            " text_member('relatertPersonsRolle', 'ektefelleEllerPartner'),"
            " text_member('minRolleForPerson', 'ektefelleEllerPartner')) end",
            ends_current=False,
        ),
    ),
    before=(
        "update changed_entry set is_current = false, valid_to = event.day from event"
        " where changed_entry.person_id = event.person_id and event.variant = 'divorce'"
        " and element = 'familierelasjon' and is_current and contains(body, '\"ektefelleEllerPartner\"')",
    ),
)

# How a marriage ends while both live: variant, couples a day in Norway, whom it happens to (SQL over `p`).
MARRIAGES_ENDED = (
    ("divorce", 30, f"{_ADULT_HERE} and p.sivilstand in ('separert', 'gift') and p.spouse_id is not null"),
    ("separation", 35, f"{_ADULT_HERE} and p.sivilstand = 'gift' and p.spouse_id is not null"),
)
MERGER_SURVIVOR = EventRule(
    "personErViderefoertSomGjeldendeVedSammenslaaing",
    5,
    _ADULT_HERE,
    (
        Change(
            "identifikasjonsnummer",
            "concat_ws(',', text_member('status', 'opphoert'), text_member('foedselsEllerDNummer', o.nin),"
            " text_member('identifikatortype', 'dNummer'))",
            ends_current=False,
            is_current=False,
        ),
    ),
)
MERGER_DUBLETT = EventRule(
    "personErOpphoertSomDublett",
    5,
    "p.status = 'inaktiv' and p.has_d_number",
    (Change("status", "text_member('status', 'opphoert')"),),
    before=(
        _END_NUMBER.format(who=_entries_of("personErOpphoertSomDublett")),
        "update person set is_dublett_record = true where " + _entries_of("personErOpphoertSomDublett"),
    ),
)
SPLIT_SURVIVOR = EventRule(
    "personErEndretVedSplitting",
    1,
    "p.dublett_id is not null",
    before=(
        "delete from changed_entry using event, person where changed_entry.person_id = event.person_id"
        " and event.event_type = 'personErEndretVedSplitting' and person.person_id = event.person_id"
        " and element = 'identifikasjonsnummer' and contains(body, person.dublett_nin)",
    ),
)
SPLIT_RESTORED = EventRule(
    "personErGjenopprettetVedSplitting",
    1,
    "p.is_dublett_record",
    (
        Change("status", "text_member('status', 'bosatt')"),
        Change(
            "bostedsadresse",
            "object_member('ukjentBosted', text_member('bostedskommune', r.kommunenummer)) || ','"
            " || text_member('adressegradering', 'ugradert')",
        ),
    ),
    before=(
        "update changed_entry set is_current = true, body = replace(body, '\"opphoert\"', '\"iBruk\"')"
        " where element = 'identifikasjonsnummer' and " + _entries_of("personErGjenopprettetVedSplitting"),
        "update person set is_dublett_record = false where " + _entries_of("personErGjenopprettetVedSplitting"),
    ),
)
BIRTH = EventRule(
    "personErOpprettet",
    145,
    f"{_HERE} and p.gender = 'kvinne' and p.age between 20 and 42"
    " and p.person_id not in (select person_id from changed_person)"
    " and p.person_id not in (select mother_id from person where age = 0 and mother_id is not null)"
    " and p.person_id not in (select companion.person_id from companion"
    " left join changed_person on changed_person.person_id = companion_id"
    " left join event on event.person_id = companion_id"
    " where coalesce(changed_person.person_id, event.person_id) is not null)",
)
NEW_RELATION = EventRule("endringIFamilierelasjon", 0, "false")

PAIRED_RULES = (
    SIVILSTAND,
    MERGER_SURVIVOR,
    MERGER_DUBLETT,
    SPLIT_SURVIVOR,
    SPLIT_RESTORED,
    BIRTH,
    NEW_RELATION,
)
