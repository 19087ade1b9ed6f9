//! What stands in a JSON string as it is.

/// How many bytes come before the first that does not: a quotation mark, a backslash, a control character.
pub(crate) fn length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES << 7;
    // Eight at once, after Mycroft: a byte's highest bit is set where it is one of those. Only of the first is that sure.
    let (words, rest) = bytes.as_chunks();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let is_zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let found = word.wrapping_sub(ONES * 0x20) & !word
            | is_zero(word ^ (ONES * u64::from(b'"')))
            | is_zero(word ^ (ONES * u64::from(b'\\')));
        if found & HIGH != 0 {
            return 8 * index + (found & HIGH).trailing_zeros() as usize / 8;
        }
    }
    let rest = rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)).count();
    8 * words.len() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_found_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            let is_plain = !matches!(byte, b'"' | b'\\' | 0..=0x1f);
            for (before, other) in
                [b'a', b' ', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xa2, 0xff].into_iter().enumerate()
            {
                for length_before in 0..20 {
                    let mut bytes = vec![other; length_before];
                    bytes.push(byte);
                    bytes.extend([b'"'; 9].iter().take(before));
                    let all_plain = length_before + usize::from(is_plain);
                    assert_eq!(length(&bytes), all_plain, "{bytes:?}");
                }
            }
        }
    }
}
