-- What the other files say often: chance, and Freg's way of writing things. {seed} and {today} are filled in.

-- A number in [0, 1): the same for the same id, purpose and seed, on every machine.
create or replace macro u(id, purpose) as (hash(id, purpose, {seed}) >> 11)::double / 9007199254740992;

-- A whole number from 0 to n - 1.
create or replace macro pick(id, purpose, n) as cast(floor(u(id, purpose) * n) as bigint);

-- The k-th of a group, spread evenly over [0, 1): a share of a group then comes out within one person.
-- `step` is an irrational number; different steps are independent of each other.
create or replace macro spread(k, step, shift) as k * step + shift - floor(k * step + shift);

create or replace macro today() as date '{today}';

create or replace macro days_after(day, n) as cast(day + to_days(cast(n as integer)) as date);

-- A day between two, by a number in [0, 1).
-- Nothing has happened later than a few days ago.
create or replace macro not_later(day) as least(day, days_after(today(), -3));

create or replace macro between_days(first_day, last_day, x) as
    days_after(first_day, floor(x * greatest(date_diff('day', first_day, last_day), 0)));

-- A point in time as Freg writes it, from the clock in Oslo. Summer time is given from April to August since 1981,
-- so that midnight stays midnight in every year.
create or replace macro freg_time(t) as
    strftime(t, '%Y-%m-%dT%H:%M:%S.%g')
    || case when year(t) >= 1981 and month(t) between 4 and 8 then '+02:00' else '+01:00' end;

-- Members of a JSON object; NULL, and so left out by concat_ws, where there is no value.
create or replace macro text_member(name, value) as '"' || name || '":"' || value || '"';
create or replace macro plain_member(name, value) as '"' || name || '":' || value;
create or replace macro object_member(name, members) as '"' || name || '":{{' || nullif(members, '') || '}}';

create or replace macro at_share(list, x) as list[1 + cast(floor(x * len(list)) as bigint)];
create or replace macro one_of(list, id, purpose) as at_share(list, u(id, purpose));
