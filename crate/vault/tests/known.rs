//! Known answers, in a browser.

#![cfg(target_arch = "wasm32")]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Of the reference implementation's own test suite (phc-winner-argon2, `src/test.c`, Argon2id, version 0x13).
#[wasm_bindgen_test]
fn a_passphrase_comes_to_the_key_that_the_reference_implementation_finds() {
    let known = [
        (256, 2, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"),
        (65_536, 2, "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"),
    ];
    for (memory, passes, key) in known {
        let derived = fieldsync_vault::derive("password", b"somesalt", memory, passes);
        assert_eq!(derived.map(|key| hex(&key)).ok().as_deref(), Some(key), "{memory} KiB");
    }
}

#[wasm_bindgen_test]
fn what_is_no_keystore_is_refused_in_words() {
    assert!(fieldsync_vault::from_file("{}").is_err());
    assert!(fieldsync_vault::merge("{}", "{}", Vec::new()).is_err());
    assert!(fieldsync_vault::derive("x", b"short", 19 * 1024, 2).is_err(), "a salt has 8 bytes at least");
}

#[wasm_bindgen_test]
fn a_signature_counts_for_its_own_text_alone() {
    let file = include_str!("../../../tests/golden/keystore.json");
    let mine = fieldsync_vault::from_file(file).expect("a keystore");
    let vault = "01900000-0000-7000-8000-000000000001";
    let mut theirs: serde_json::Value = serde_json::from_str(&mine).expect("JSON");
    let first = theirs["rotations"][0].clone();
    let mut second = first.clone();
    second["sequence"] = 2.into();
    second["previous"] = fieldsync_vault::name_of(vault, &first.to_string()).expect("a name").into();
    theirs["rotations"].as_array_mut().expect("a list").push(second);
    let theirs = theirs.to_string();
    let claims = fieldsync_vault::claims(&mine, &theirs).expect("claims");
    let learned = |genuine| fieldsync_vault::merge(&mine, &theirs, genuine).ok().map(|merged| merged.learned);
    assert_eq!(learned(claims.clone()), Some(1));
    // Both rotations carry the same signature: that of the first says nothing of the second.
    let of_first = claims.into_iter().filter(|claim| claim.contains("\\n1\\n")).collect();
    assert_eq!(learned(of_first), None);
}
