-- One row a document: of each element the entry that holds now. Rules of PREG are not applied here.
{{ config(
    materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_new_documents() }}"
) }}
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
        {{ content_key('folkeregisterperson') }} as content_key,
        coalesce(ajourholdstidspunkt, delivered_at) as registrert,
        {{ list_map('coalesce(folkeregisterperson.adressebeskyttelse, [])', 'entry', "struct_pack(grade := "
            ~ person_grade('entry.graderingsnivaa', freg_grades()) ~ ", stands := "
            ~ protection_stands('entry', 'delivered_at')
            ~ ", starts_at := entry.gyldighetstidspunkt, ends_at := entry.opphoerstidspunkt)") }} as beskyttelser,
        {{ real_number('folkeregisterperson.falskidentitet.rettidentitetvedidentifikasjonsnummer') }} as rett_identitet,
        folkeregisterperson.doedsfall,
        folkeregisterperson.identifikasjonsnummer,
        folkeregisterperson.navn as alle_navn,
        folkeregisterperson.sivilstand as alle_sivilstander,
        folkeregisterperson.utlendingsmyndighetenesidentifikasjonsnummer as alle_utlendingsnumre,
        {% for element in lists %}
        {{ freg_current('folkeregisterperson.' ~ element) }} as {{ element }}{{ ',' if not loop.last }}
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
        registrert,
        content_key,
        rett_identitet,
        beskyttelser,
        {{ list_filter('beskyttelser', 'entry', "entry.grade <> 'ugradert'") }} as graderte,
        {{ list_filter('beskyttelser', 'entry', "entry.grade <> 'ugradert' and entry.stands") }} as staaende,
        doedsfall,
        identifikasjonsnummer,
        {{ freg_latest('foedsel') }} as foedsel,
        {{ freg_latest('navn') }} as navn,
        {{ freg_latest('status') }} as status,
        {{ freg_latest('sivilstand') }} as sivilstand,
        {{ freg_latest(list_filter('statsborgerskap', 'entry', "entry.statsborgerskap = 'NOR'")) }}
            as norsk_statsborgerskap,
        {{ freg_latest('statsborgerskap') }} as siste_statsborgerskap,
        {{ freg_latest('innflytting') }} as innflytting,
        {{ freg_latest('utflytting') }} as utflytting,
        {{ freg_latest('opphold') }} as opphold,
        {{ freg_latest('kjoenn') }} as kjoenn,
        {{ freg_latest(freg_current('alle_utlendingsnumre')) }} as utlendingsnummer,
        {{ list_filter('foreldreansvar', 'entry', 'entry.ansvarssubjekt is null'
            ' and entry.ansvarssubjektUtenIdentifikator is null') }} as foreldreansvar_for_personen,
        {{ freg_latest(list_filter('familierelasjon', 'entry', "entry.relatertPersonsRolle = 'mor'"
            ' and ' ~ real_number('entry.relatertPerson') ~ ' is not null')) }} as mor,
        {{ freg_latest(list_filter('familierelasjon', 'entry', "entry.relatertPersonsRolle = 'far'"
            ' and ' ~ real_number('entry.relatertPerson') ~ ' is not null')) }} as far,
        {{ freg_latest(list_filter('familierelasjon', 'entry', "entry.relatertPersonsRolle = 'medmor'"
            ' and ' ~ real_number('entry.relatertPerson') ~ ' is not null')) }} as medmor,
        {{ freg_latest(list_filter('familierelasjon', 'entry',
            "entry.relatertPersonsRolle = 'ektefelleEllerPartner' and " ~ real_number('entry.relatertPerson') ~ ' is not null')) }}
            as ektefelle,
        -- Whoever the history of civil status names last: a divorced or widowed person's entry names nobody.
        {{ list_map(list_filter('alle_sivilstander', 'entry',
            real_number('entry.relatertVedSivilstand') ~ ' is not null'), 'entry',
            'struct_pack(nummer := entry.relatertVedSivilstand, fra := coalesce(entry.gyldighetstidspunkt,'
            ~ ' cast(entry.sivilstandsdato as timestamp with time zone)), registrert := entry.ajourholdstidspunkt)') }}
            as ektefeller,
        -- The first wedding; of all names, the last that came into force before it is the one that the person had then.
        {{ list_earliest(list_map(list_filter('alle_sivilstander', 'entry',
            "entry.sivilstand not in ('uoppgitt', 'ugift')"), 'entry',
            'coalesce(cast(entry.sivilstandsdato as timestamp with time zone), entry.gyldighetstidspunkt)')) }} as foerste_ekteskap,
        alle_navn,
        {{ freg_latest('fratattRettsligHandleevne') }} as fratatt_rettslig_handleevne,
        {{ freg_latest('rettsligHandleevne') }} as rettslig_handleevne,
        {{ freg_latest('oppholdPaaSvalbard') }} as opphold_paa_svalbard,
        {{ list_map('statsborgerskap', 'entry', 'entry.statsborgerskap') }} as statsborgerskap_alle
    from holding_now
),

final as (
    select
        document_number,
        sekvensnummer,
        hendelsetype,
        ajourholdstidspunkt,
        delivery_kind,
        registrert,
        content_key,
        identifikasjonsnummer,
        rett_identitet,
        {{ tidied('navn.fornavn') }} as fornavn,
        {{ tidied('navn.mellomnavn') }} as mellomnavn,
        {{ tidied('navn.etternavn') }} as etternavn,
        {{ tidied('navn.forkortetnavn') }} as forkortet_navn,
        {{ local_date('navn.gyldighetstidspunkt') }} as navn_gyldig_fra,
        {{ tidied(freg_latest(list_filter('alle_navn', 'entry',
            'entry.gyldighetstidspunkt < foerste_ekteskap')) ~ '.etternavn') }} as etternavn_foer_ekteskap,
        foedsel.foedselsdato,
        foedsel.foedselsaar,
        doedsfall.doedsdato,
        kjoenn.kjoenn,
        status.status,
        {{ local_date('status.gyldighetstidspunkt') }} as status_gyldig_fra,
        innflytting.fraflyttingsland,
        innflytting.gyldighetstidspunkt as innflyttet,
        utflytting.tilflyttingsland,
        coalesce(utflytting.gyldighetstidspunkt, cast(utflytting.utflyttingsdato as timestamp with time zone))
            as utflyttet,
        sivilstand.sivilstand,
        coalesce(sivilstand.sivilstandsdato, {{ local_date('sivilstand.gyldighetstidspunkt') }}) as sivilstandsdato,
        {{ list_latest('ektefeller', ['fra', 'registrert']) }}.nummer as siste_relatert_ved_sivilstand,
        mor.relatertperson as mor,
        far.relatertperson as far,
        medmor.relatertperson as medmor,
        ektefelle.relatertperson as ektefelle_eller_partner,
        coalesce(norsk_statsborgerskap, siste_statsborgerskap).statsborgerskap as statsborgerskap,
        coalesce(
            coalesce(norsk_statsborgerskap, siste_statsborgerskap).ervervsdato,
            {{ local_date('coalesce(norsk_statsborgerskap, siste_statsborgerskap).gyldighetstidspunkt') }}
        ) as statsborgerskap_fra,
        {{ list_map('foreldreansvar_for_personen', 'entry', 'entry.ansvar') }} as ansvarstyper,
        {{ freg_latest('foreldreansvar_for_personen') }}.ansvar as siste_ansvar,
        {{ local_date(freg_latest('foreldreansvar_for_personen') ~ '.gyldighetstidspunkt') }} as ansvar_fra,
        fratatt_rettslig_handleevne is not null as er_fratatt_rettslig_handleevne,
        {{ local_date('fratatt_rettslig_handleevne.gyldighetstidspunkt') }} as fratatt_rettslig_handleevne_fra,
        opphold.oppholdstillatelse,
        opphold.oppholdtil as opphold_til,
        opphold.oppholdfra as opphold_fra,
        {{ tidied('utlendingsnummer.identifikasjonsnummer') }} as utlendingsnummer,
        {{ tidied('navn.originaltNavn.fornavn') }} as originalt_fornavn,
        {{ tidied('navn.originaltNavn.mellomnavn') }} as originalt_mellomnavn,
        {{ tidied('navn.originaltNavn.etternavn') }} as originalt_etternavn,
        rettslig_handleevne.rettslighandleevneomfang as rettslig_handleevne_omfang,
        {{ local_date('rettslig_handleevne.gyldighetstidspunkt') }} as rettslig_handleevne_fra,
        coalesce(
            opphold_paa_svalbard.startdato, {{ local_date('opphold_paa_svalbard.gyldighetstidspunkt') }}
        ) as svalbard_fra,
        coalesce(
            opphold_paa_svalbard.sluttdato, {{ local_date('opphold_paa_svalbard.opphoerstidspunkt') }}
        ) as svalbard_til,
        statsborgerskap_alle,
        -- The strictest grade of those that stand. What a document tells of protection (`beskyttelse_fortalt`): that it
        -- is granted, that it has ended, that there is none (ugradert); NULL where it tells nothing.
        case
            when {{ list_contains_value(list_map('staaende', 'entry', 'entry.grade'), "'strengtFortrolig'") }}
                then 'strengtFortrolig'
            when {{ list_size('staaende') }} > 0 then 'fortrolig'
        end as graderingsnivaa,
        {{ list_largest(list_map('staaende', 'entry', 'entry.starts_at')) }} as gradert_fra,
        case
            when {{ list_size('staaende') }} > 0 then 'granted'
            when {{ list_size('graderte') }} > 0 then 'ended'
            when {{ list_size('beskyttelser') }} > 0 then 'ungraded'
        end as beskyttelse_fortalt,
        {{ list_largest(list_map('graderte', 'entry', 'entry.ends_at')) }} as gradert_til
    from picked
)

select * from final
