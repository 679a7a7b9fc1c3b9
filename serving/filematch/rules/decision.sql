-- Who a row without a known number is, of those whom the model has compared it with (`predicted`).

-- A row is one of the persons who are alike, or somebody whom the register does not have: how likely each is follows
-- from how much more likely the likeness is of one person than of two (2 to the power of match_weight). Somebody who
-- is not there is as likely as one row in twenty before anything is compared.
create table scored as
    with evidence as (
        select
            cast(unique_id_l as bigint) as row,
            unique_id_r as nin,
            pow(2, match_weight) as likeness,
            gamma_given,
            gamma_family,
            gamma_middle,
            gamma_born
        from predicted
    ),

    not_there as (select count(*) * 0.05 / 0.95 as likeness from compared_person),

    of_row as (select row, sum(likeness order by nin) as likeness from evidence group by row)

    select
        evidence.*,
        evidence.likeness / (of_row.likeness + not_there.likeness) as score,
        of_row.likeness / (of_row.likeness + not_there.likeness) as score_of_all,
        row_number() over (partition by evidence.row order by evidence.likeness desc, evidence.nin) as place,
        count(*) filter (evidence.likeness > not_there.likeness) over (partition by evidence.row) as alike
    from evidence
    inner join of_row using (row)
    cross join not_there;

-- A row is given a person whose score is at least 0.99, whose given name is not another one and whose day of birth is
-- the same but for a slip of the pen: a twin, a father and his son have all else in common. Where somebody is there as
-- surely, but who cannot be said, it is ambiguous: nobody is chosen.
create table by_name as
    select
        row,
        case when is_certain then nin end as nin,
        case
            when not is_certain then 'ambiguous'
            when gamma_given = 6 and gamma_family = 5 and gamma_born = 3 and gamma_middle <> 0 then 'name_birth_date'
            else 'probable'
        end as status,
        case when is_certain then score end as score
    from (
        select *, score >= 0.99 and gamma_given >= 1 and gamma_born >= 1 as is_certain
        from scored
        where place = 1
    )
    where is_certain or (alike > 1 and score_of_all >= 0.9);
