{#- How texts are read and compared. Functions of the schema `text` (`create_functions`, macros/functions.sql). -#}
{% macro text_functions() -%}
-- A text as we keep it: its letters put together in one way (Unicode NFC), without the spaces that a source pads
-- with; NULL where nothing is left. What stands within the text stays as it is.
create or replace macro text.normalized(given) as
    nullif(trim(nfc_normalize(given)), '');

create or replace macro text.without_blanks(texts) as list_filter(texts, lambda text: trim(coalesce(text, '')) <> '');

-- With zeros in front; what is longer stays as it is.
create or replace macro text.left_padded(given, width) as
    lpad(cast(given as varchar), cast(greatest(width, length(cast(given as varchar))) as integer), '0');

-- Each letter with its mark as one character. NUL, at which the engine would cut the text, is the replacement character.
create or replace macro text.lowercase(given) as
    lower(nfc_normalize(replace(given, chr(0), chr(65533))));

-- Latin letters without their marks (é as e), but for å, which is a letter of its own. In another script a mark is part
-- of a letter or a letter itself (й is not и, most vowels of राम are marks): a text in which there is any stays as it is.
create or replace macro text.without_diacritics(given) as
    list_transform([given], lambda marked: case
        when regexp_matches(marked, '[^\p{Latin}\p{Common}\p{Inherited}]') then marked
        else array_to_string(list_transform(string_split(marked, 'å'), lambda between: strip_accents(between)), 'å')
    end)[1];

-- Without what does not matter in a name: letter case, spaces at the ends, repeated spaces, how a letter with a mark is
-- put together, and the marks of Latin letters that are not Norwegian (é as e, ü as u). Æ, ø and å are letters of
-- their own. Of another script only letter case and spaces do not matter.
create or replace macro text.folded(given) as
    text.without_diacritics(text.lowercase(regexp_replace(trim(given), '\s+', ' ', 'g')));

-- Letters and digits alone, in one of the spellings of `same_letters`; numbers without leading zeros.
create or replace macro text.in_spelling(letters, spelling) as
    regexp_replace(
        regexp_replace(text.without_diacritics(translate(
            replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
                letters,
                'å', spelling.ring), 'ø', 'o' || spelling.e), 'ö', 'o' || spelling.e), 'ä', 'a' || spelling.e),
                'ü', 'u' || spelling.e), 'æ', 'ae'), 'œ', 'oe'), 'ĳ', 'ij'), 'ß', 'ss'), 'þ', 'th'),
            'đðħıłŀŋŧſ', 'ddhillnts'
        )), '\b0+(\d)', '\1', 'g'),
        '[^\p{L}\p{M}\p{N}?\x{FFFD}]', '', 'g'
    );

-- Whether two texts are the same letters and digits, written differently: without marks of Latin letters, without
-- spaces and signs, numbers without leading zeros, and a letter that a keyboard lacks as the letters it is written with:
-- ø, ö       o or oe        æ, œ, ĳ    ae, oe, ij
-- å          a or aa        ß          ss
-- ä, ü       a or ae, u or ue    þ     th
-- đ, ð, ħ, ı, ł, ŀ, ŋ, ŧ, ſ      d, d, h, i, l, l, n, t, s
-- (the letters of ICAO Doc 9303, part 3, that the Nordic countries and their neighbours write; the others are different
-- letters.) Both texts are read in the same spelling: Bjørn is Bjorn and Bjoern, but Bjorn is not Bjoern, which has a
-- letter more. Any other letter, of any script, is itself. So are ? and the replacement character: they stand where a
-- letter was lost. Texts without a letter or digit are the same only when they are equal.
create or replace macro text.same_letters(left_text, right_text) as
    list_transform(
        [{'left_letters': text.lowercase(left_text), 'right_letters': text.lowercase(right_text)}],
        lambda small: regexp_matches(small.left_letters, '[\p{L}\p{N}]') and list_contains(
            list_transform(
                [{'ring': 'a', 'e': ''}, {'ring': 'a', 'e': 'e'}, {'ring': 'aa', 'e': ''}, {'ring': 'aa', 'e': 'e'}],
                lambda spelling:
                    text.in_spelling(small.left_letters, spelling)
                    = text.in_spelling(small.right_letters, spelling)
            ),
            true
        )
    )[1];

-- Words and numbers of a text, each with a space before it and behind it.
create or replace macro text.words(given) as
    ' ' || trim(regexp_replace(regexp_replace(regexp_replace(
        text.folded(coalesce(given, '')),
        '[^\p{L}\p{M}\p{N}]+', ' ', 'g'), '(\p{N})(\p{L})', '\1 \2', 'g'), '(\p{L})(\p{N})', '\1 \2', 'g')) || ' ';

-- Whether two texts are the same words and numbers once each is read with the left side's parts: Storgata 12B and
-- Nygata 12B differ only by the street, Storgata 12B and Nygata 14B do not. `parts`: a list of left_text and
-- right_text. A part that only one side has is left out of that side's text. The longest parts are read first: a
-- whole line before the street in it.
create or replace macro text.differ_only_by(left_text, right_text, parts) as
    list_transform(
        [list_reduce(
            list_reverse_sort(list_transform(parts, lambda part: {
                'letters': length(coalesce(part.left_text, '')) + length(coalesce(part.right_text, '')),
                'left_text': text.words(part.left_text),
                'right_text': text.words(part.right_text)
            })),
            lambda so_far, part: {
                'letters': 0,
                'left_text':
                    case when part.right_text = '  ' then replace(so_far.left_text, part.left_text, ' ')
                        else so_far.left_text end,
                'right_text':
                    case when part.right_text = '  ' then so_far.right_text
                        when part.left_text = '  ' then replace(so_far.right_text, part.right_text, ' ')
                        else replace(so_far.right_text, part.right_text, part.left_text) end
            },
            {'letters': 0, 'left_text': text.words(left_text), 'right_text': text.words(right_text)}
        )],
        lambda read: trim(read.left_text) = trim(read.right_text)
    )[1];

-- As far as PREG had room for a text, without a space at the cut.
create or replace macro text.at_most(given, characters) as
    rtrim(left(given, characters));
{%- endmacro %}
