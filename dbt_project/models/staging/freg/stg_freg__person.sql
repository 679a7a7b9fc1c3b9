-- One row per document: of each element the entry that PREG's fields are read from, the one that holds now: of several
-- citizenships the Norwegian one first, of civil statuses also the last spouse, of names also the one before the first
-- marriage, of custody what is said of the child. Codes and texts are as Freg has them; what a field of PREG is made of
-- has the name by which macros/preg_person.sql reads it, all else Freg's.
{{ rebuilt_for_new_documents() }}
{%- set lists = [
    'navn', 'status', 'sivilstand', 'familierelasjon', 'statsborgerskap', 'foreldreansvar', 'innflytting',
    'utflytting', 'opphold', 'kjoenn', 'foedsel', 'rettsligHandleevne', 'fratattRettsligHandleevne', 'oppholdPaaSvalbard'
] %}
with documents as (
    select * from {{ ref('stg_freg__dokument') }}
    where {{ only_new_documents() }}
),

holding_now as (
    select
        document_number,
        sekvensnummer,
        hendelsetype,
        ajourholdstidspunkt,
        delivery_kind,
        delivered_at,
        hash(folkeregisterperson) as content_key,
        coalesce(ajourholdstidspunkt, delivered_at) as registered_at,
        list_transform(coalesce(folkeregisterperson.adressebeskyttelse, []), lambda entry: {
            'grade': freg.person_grade(entry.graderingsnivaa),
            'is_in_force': freg.is_protection_in_force(entry, delivered_at),
            'starts_at': entry.gyldighetstidspunkt,
            'ends_at': entry.opphoerstidspunkt
        }) as protections,
        record.identifier(folkeregisterperson.falskidentitet.rettidentitetvedidentifikasjonsnummer) as rett_identitet,
        folkeregisterperson.doedsfall,
        folkeregisterperson.identifikasjonsnummer,
        folkeregisterperson.navn as alle_navn,
        folkeregisterperson.sivilstand as alle_sivilstander,
        folkeregisterperson.utlendingsmyndighetenesidentifikasjonsnummer as alle_utlendingsnumre,
        {% for element in lists %}
        freg.current(folkeregisterperson.{{ element }}, delivered_at) as {{ element }}{{ ',' if not loop.last }}
        {% endfor %}
    from documents
),

picked as (
    select
        document_number,
        sekvensnummer,
        hendelsetype,
        ajourholdstidspunkt,
        delivery_kind,
        registered_at,
        content_key,
        rett_identitet,
        protections,
        list_filter(protections, lambda entry: entry.grade <> 'ugradert') as graded,
        list_filter(protections, lambda entry: entry.grade <> 'ugradert' and entry.is_in_force) as graded_in_force,
        doedsfall,
        identifikasjonsnummer,
        freg.latest(foedsel) as foedsel,
        freg.latest(navn) as navn,
        freg.latest(status) as status,
        freg.latest(sivilstand) as sivilstand,
        freg.latest(list_filter(statsborgerskap, lambda entry: entry.statsborgerskap = 'NOR'))
            as norsk_statsborgerskap,
        freg.latest(statsborgerskap) as siste_statsborgerskap,
        freg.latest(innflytting) as innflytting,
        freg.latest(utflytting) as utflytting,
        freg.latest(opphold) as opphold,
        freg.latest(kjoenn) as kjoenn,
        freg.latest(freg.current(alle_utlendingsnumre, delivered_at)) as utlendingsnummer,
        list_filter(
            foreldreansvar,
            lambda entry: entry.ansvarssubjekt is null and entry.ansvarssubjektUtenIdentifikator is null
        ) as foreldreansvar_for_personen,
        freg.relative(familierelasjon, 'mor') as mor,
        freg.relative(familierelasjon, 'far') as far,
        freg.relative(familierelasjon, 'medmor') as medmor,
        freg.relative(familierelasjon, 'ektefelleEllerPartner') as ektefelle,
        -- The one whom the history of civil status names last: a divorced or widowed person's entry names nobody.
        list_transform(
            list_filter(alle_sivilstander, lambda entry: record.identifier(entry.relatertVedSivilstand) is not null),
            lambda entry: struct_pack(
                number := entry.relatertVedSivilstand,
                since := coalesce(entry.gyldighetstidspunkt, cast(entry.sivilstandsdato as timestamp with time zone)),
                registered := entry.ajourholdstidspunkt
            )
        )
            as spouses,
        -- The first wedding; of all names, the last that came into force before it is the one that the person had then.
        list_min(
            list_transform(
                list_filter(alle_sivilstander, lambda entry: entry.sivilstand not in ('uoppgitt', 'ugift')),
                lambda entry: coalesce(
                    cast(entry.sivilstandsdato as timestamp with time zone),
                    entry.gyldighetstidspunkt
                )
            )
        ) as first_marriage,
        alle_navn,
        freg.latest(fratattRettsligHandleevne) as fratatt_rettslig_handleevne,
        freg.latest(rettsligHandleevne) as rettslig_handleevne,
        freg.latest(oppholdPaaSvalbard) as opphold_paa_svalbard,
        list_transform(statsborgerskap, lambda entry: entry.statsborgerskap) as statsborgerskap_alle
    from holding_now
),

final as (
    select
        document_number,
        sekvensnummer,
        hendelsetype,
        ajourholdstidspunkt,
        delivery_kind,
        registered_at,
        content_key,
        identifikasjonsnummer,
        rett_identitet,
        text.normalized(navn.fornavn) as given_name,
        text.normalized(navn.mellomnavn) as middle_name,
        text.normalized(navn.etternavn) as family_name,
        text.normalized(navn.forkortetnavn) as short_name,
        record.local_date(navn.gyldighetstidspunkt) as name_valid_from,
        text.normalized(
            freg.latest(
                list_filter(alle_navn, lambda entry: entry.gyldighetstidspunkt < first_marriage)
            ).etternavn
        ) as family_name_before_marriage,
        foedsel.foedselsdato as birth_date,
        foedsel.foedselsaar,
        doedsfall.doedsdato as deceased_date,
        kjoenn.kjoenn as gender,
        status.status,
        record.local_date(status.gyldighetstidspunkt) as status_valid_from,
        innflytting.fraflyttingsland as immigrated_from,
        innflytting.gyldighetstidspunkt as immigrated_at,
        utflytting.tilflyttingsland as emigrated_to,
        coalesce(utflytting.gyldighetstidspunkt, cast(utflytting.utflyttingsdato as timestamp with time zone))
            as emigrated_at,
        sivilstand.sivilstand as marital_status,
        coalesce(sivilstand.sivilstandsdato, record.local_date(sivilstand.gyldighetstidspunkt)) as marital_status_date,
        record.last_spouse(spouses) as last_related_by_marital_status,
        mor.relatertperson as mother,
        far.relatertperson as father,
        medmor.relatertperson as co_mother,
        ektefelle.relatertperson as spouse,
        coalesce(norsk_statsborgerskap, siste_statsborgerskap).statsborgerskap as citizenship,
        coalesce(
            coalesce(norsk_statsborgerskap, siste_statsborgerskap).ervervsdato,
            record.local_date(coalesce(norsk_statsborgerskap, siste_statsborgerskap).gyldighetstidspunkt)
        ) as citizenship_from,
        list_transform(foreldreansvar_for_personen, lambda entry: entry.ansvar) as responsibility_types,
        freg.latest(foreldreansvar_for_personen).ansvar as latest_responsibility,
        record.local_date(freg.latest(foreldreansvar_for_personen).gyldighetstidspunkt) as responsibility_from,
        fratatt_rettslig_handleevne is not null as is_deprived_of_legal_authority,
        record.local_date(fratatt_rettslig_handleevne.gyldighetstidspunkt) as deprived_of_legal_authority_from,
        opphold.oppholdstillatelse as residence_permit_type,
        opphold.oppholdtil as opphold_til,
        opphold.oppholdfra as stay_from,
        text.normalized(utlendingsnummer.identifikasjonsnummer) as immigration_authorities_number,
        text.normalized(navn.originaltNavn.fornavn) as originalt_fornavn,
        text.normalized(navn.originaltNavn.mellomnavn) as originalt_mellomnavn,
        text.normalized(navn.originaltNavn.etternavn) as originalt_etternavn,
        rettslig_handleevne.rettslighandleevneomfang as rettslig_handleevne_omfang,
        record.local_date(rettslig_handleevne.gyldighetstidspunkt) as rettslig_handleevne_fra,
        coalesce(
            opphold_paa_svalbard.startdato, record.local_date(opphold_paa_svalbard.gyldighetstidspunkt)
        ) as svalbard_fra,
        coalesce(
            opphold_paa_svalbard.sluttdato, record.local_date(opphold_paa_svalbard.opphoerstidspunkt)
        ) as svalbard_til,
        statsborgerskap_alle,
        -- The strictest grade of those in force. What a document states about protection (`stated_protection`): that it
        -- is granted, that it has ended, that there is none (ugradert); NULL where it states nothing.
        case
            when list_contains(list_transform(graded_in_force, lambda entry: entry.grade), 'strengtFortrolig')
                then 'strengtFortrolig'
            when coalesce(len(graded_in_force), 0) > 0 then 'fortrolig'
        end as graderingsnivaa,
        list_max(list_transform(graded_in_force, lambda entry: entry.starts_at)) as graded_from,
        case
            when coalesce(len(graded_in_force), 0) > 0 then 'granted'
            when coalesce(len(graded), 0) > 0 then 'ended'
            when coalesce(len(protections), 0) > 0 then 'ungraded'
        end as stated_protection,
        list_max(list_transform(graded, lambda entry: entry.ends_at)) as graded_to
    from picked
)

select * from final
