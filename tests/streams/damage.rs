//! Ways in which a stream can be damaged: by a disk, by a program that dies, by two programs that write into one file, and by
//! a version that nobody has seen.

use fastrand::Rng;
use serde_json::Value;

/// Stands for the place in a line where something is put that no JSON value can hold.
const PLACE: &str = "the place of the damage";

/// Damages a stream once, in one of all ways; `other` is a stream that may get mixed into it.
pub fn damage(lines: &mut Vec<Vec<u8>>, other: &[Vec<u8>], rng: &mut Rng) {
    if lines.is_empty() {
        lines.push(b"{}".to_vec());
    }
    let n = rng.usize(..lines.len());
    match rng.u8(..16) {
        0 => flip(&mut lines[n], rng),
        1 => cut(&mut lines[n], rng),
        2 => lines.insert(rng.usize(..=n), lines[n].clone()),
        3 => lines.swap(n, rng.usize(..) % n.max(1)),
        4 => drop(lines.remove(n)),
        5 => interleave(lines, other, rng),
        6 => insert(&mut lines[n], rng),
        7 => lines[n] = spoil(&lines[n], &nested(rng), rng),
        8 => lines[n] = spoil(&lines[n], rng.choice(NUMBERS).expect("numbers"), rng),
        9 => lines[n] = reordered(&lines[n], rng),
        10 | 11 => lines[n] = spoil(&lines[n], rng.choice(WRONG).expect("values"), rng),
        12 => lines[n] = spoil(&lines[n], &long_text(rng), rng),
        13 => lines[n] = spoil(&lines[n], &long_list(&lines[n], rng), rng),
        14 => lines[n] = twice(&lines[n], rng),
        _ => lines[n] = multiplied(&lines[n], rng),
    }
}

/// Values of every type, and some that are nearly text.
pub const WRONG: &[&str] = &[
    "null",
    "7",
    "-7",
    "1.5",
    "\"x\"",
    "\"\"",
    "[]",
    "[null]",
    "{}",
    "true",
    "false",
    r#""\ud83d""#,
    r#""\u0000\u001b[31m""#,
];

const NUMBERS: &[&str] = &[
    "1e999",
    "-1e999",
    "1e-999",
    "-1",
    "0",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "65536",
    "2147483648",
    "1e308",
    "0.1e19",
    "99999999999999999999999999999999999999",
];

fn flip(line: &mut [u8], rng: &mut Rng) {
    for _ in 0..rng.usize(1..8) {
        if let Some(byte) = rng.choice(line.iter_mut()) {
            *byte ^= 1 << rng.u8(..8);
        }
    }
}

fn cut(line: &mut Vec<u8>, rng: &mut Rng) {
    let place = rng.usize(..=line.len());
    if rng.bool() { line.truncate(place) } else { drop(line.drain(..place)) }
}

fn interleave(lines: &mut Vec<Vec<u8>>, other: &[Vec<u8>], rng: &mut Rng) {
    let mut place = 0;
    for line in other.iter().take(200) {
        place = rng.usize(place..=lines.len());
        // Two writers of one file can also meet within a line.
        match lines.get_mut(place) {
            Some(own) if rng.u8(..4) == 0 => drop(own.splice(own.len() / 2.., line.iter().copied())),
            Some(_) | None => lines.insert(place, line.clone()),
        }
    }
}

fn insert(line: &mut Vec<u8>, rng: &mut Rng) {
    let odd: &[&[u8]] =
        &[b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f", b"\x1b[31m", b"\"", b"\\", b"{", b"]", b"\r"];
    for _ in 0..rng.usize(1..5) {
        let place = rng.usize(..=line.len());
        line.splice(place..place, rng.choice(odd).expect("bytes").iter().copied());
    }
}

fn nested(rng: &mut Rng) -> String {
    let depth = rng.usize(1..40_000);
    if rng.bool() {
        return format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    }
    format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth))
}

fn long_text(rng: &mut Rng) -> String {
    let piece = *rng.choice(&["x", "ü", "\\n", "\\u00fc", "\\ud83d", "漢", " ", "\\\"", "\\u0007"]).expect("a piece");
    format!("\"{}\"", piece.repeat(rng.usize(1..400_000) / piece.len()))
}

/// Many of one value of the line: of its blocks, of its content.
fn long_list(line: &[u8], rng: &mut Rng) -> String {
    let Ok(value) = serde_json::from_slice::<Value>(line) else { return "[]".to_owned() };
    let mut places = Vec::new();
    pointers(&value, &mut String::new(), &mut places);
    let one =
        rng.choice(&places).and_then(|place| value.pointer(place)).map_or_else(|| "{}".to_owned(), Value::to_string);
    let list = vec![one.as_str(); rng.usize(1..100_000) / one.len().max(1)].join(",");
    format!("[{list}]")
}

/// The names of all fields and entries, as JSON pointers.
pub fn pointers(value: &Value, at: &mut String, found: &mut Vec<String>) {
    let mut below = |key: &str, value: &Value| {
        let length = at.len();
        at.push('/');
        at.push_str(&key.replace('~', "~0").replace('/', "~1"));
        found.push(at.clone());
        pointers(value, at, found);
        at.truncate(length);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| below(key, value)),
        Value::Array(list) => list.iter().enumerate().for_each(|(n, value)| below(&n.to_string(), value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The line with `raw` in the place of one value.
pub fn spoiled(line: &Value, pointer: &str, raw: &str) -> Vec<u8> {
    let mut line = line.clone();
    if let Some(place) = line.pointer_mut(pointer) {
        *place = Value::String(PLACE.to_owned());
    }
    line.to_string().replace(&format!("\"{PLACE}\""), raw).into_bytes()
}

fn spoil(line: &[u8], raw: &str, rng: &mut Rng) -> Vec<u8> {
    let Ok(value) = serde_json::from_slice(line) else { return raw.as_bytes().to_vec() };
    let mut places = Vec::new();
    pointers(&value, &mut String::new(), &mut places);
    match rng.choice(&places) {
        Some(place) => spoiled(&value, place, raw),
        None => raw.as_bytes().to_vec(),
    }
}

fn reordered(line: &[u8], rng: &mut Rng) -> Vec<u8> {
    fn shuffle(value: &mut Value, rng: &mut Rng) {
        match value {
            Value::Object(fields) => {
                let mut own: Vec<(String, Value)> = std::mem::take(fields).into_iter().collect();
                rng.shuffle(&mut own);
                own.iter_mut().for_each(|(_, value)| shuffle(value, rng));
                fields.extend(own);
            }
            Value::Array(list) => list.iter_mut().for_each(|value| shuffle(value, rng)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let Ok(mut value) = serde_json::from_slice(line) else { return line.to_vec() };
    shuffle(&mut value, rng);
    value.to_string().into_bytes()
}

/// A key that is there twice.
fn twice(line: &[u8], rng: &mut Rng) -> Vec<u8> {
    let Ok(Value::Object(fields)) = serde_json::from_slice(line) else { return line.to_vec() };
    let mut keys = fields.keys();
    let key = keys.nth(rng.usize(..fields.len().max(1))).cloned().unwrap_or_default();
    let mut line = line.to_vec();
    line.splice(1..1, format!("{}:{},", Value::String(key), rng.choice(WRONG).expect("values")).into_bytes());
    line
}

/// The entries of each list, many times.
fn multiplied(line: &[u8], rng: &mut Rng) -> Vec<u8> {
    fn multiply(value: &mut Value, times: usize) {
        match value {
            Value::Object(fields) => fields.iter_mut().for_each(|(_, value)| multiply(value, times)),
            Value::Array(list) => *list = list.iter().cycle().take(list.len() * times).cloned().collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let Ok(mut value) = serde_json::from_slice(line) else { return line.to_vec() };
    multiply(&mut value, rng.usize(1..2_000));
    value.to_string().into_bytes()
}
