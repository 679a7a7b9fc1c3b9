-- Who is whose family, from what preg_person says of parents and spouses. Numbers of before lead to the person of today;
-- relatives who are not in the register are shown by the number that Freg gave.
create or replace view family_relation as
    with stated as (
        unpivot (select nin, mothers_nin as mother, fathers_nin as father, spouse_nin as spouse from preg_person)
        on mother, father, spouse
        into name relation value given_number
    ),

    nearest as (
        select stated.nin, stated.relation, coalesce(person_number.nin, stated.given_number) as related_nin
        from stated
        left join person_number on stated.given_number = person_number.number
    ),

    parents as (
        select distinct nin, related_nin
        from nearest
        where relation in ('mother', 'father')
    ),

    siblings as (
        select own.nin, other.nin as related_nin, count(*) as common_parents
        from parents as own
        inner join parents as other on own.related_nin = other.related_nin and own.nin <> other.nin
        group by all
    )

    select nin, relation, related_nin
    from nearest
    union all
    select related_nin as nin, 'child' as relation, nin as related_nin
    from parents
    where related_nin in (select nin from preg_person)
    union all
    select nin, case when common_parents = 2 then 'sibling' else 'half_sibling' end as relation, related_nin
    from siblings;

comment on view family_relation is 'One row per relation of a person to another.';
comment on column family_relation.nin is 'Whose relative it is: a person of preg_person.';
comment on column family_relation.relation is
    'What the other is to the person: mother, father (or co-mother), spouse, child, sibling (both parents in common), '
    'half_sibling (one known parent in common).';
comment on column family_relation.related_nin is 'The relative''s number; the present one where the register has it.';
