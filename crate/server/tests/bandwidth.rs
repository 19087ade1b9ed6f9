//! Limits of bandwidth over HTTP.

use serde_json::json;

use crate::support::Server;

#[test]
fn limits_are_set_given_and_refused_by_person() {
    let server = Server::start_without_demo();
    let (ana, ben) = (server.somebody("ana"), server.somebody("ben"));
    let path = "/api/sync/bandwidth/limit";
    let none = json!({ "uploadSpeedLimit": null, "downloadSpeedLimit": null, "devices": [] });
    assert_eq!(server.ask(&ana, path).json(), none);
    let limit = json!({ "upload_speed_limit": 64_000 });
    let set = json!({ "uploadSpeedLimit": 64_000, "downloadSpeedLimit": null, "devices": [] });
    assert_eq!(server.send(path, Some(&ana), &limit).json(), set);
    assert_eq!((server.ask(&ana, path).json(), server.ask(&ben, path).json()), (set, none));
    let of_phone = json!({ "deviceId": "phone", "uploadSpeedLimit": 9, "downloadSpeedLimit": 8 });
    assert_eq!(server.send(path, Some(&ana), &of_phone).json()["devices"], json!([of_phone]));
    let elsewhere = json!({ "deviceId": "tablet", "uploadSpeedLimit": 9 });
    server.send(path, Some(&ana), &elsewhere).assert_problem(404, "not_found");
    let refused = server.send(path, Some(&ana), &json!({ "uploadSpeedLimit": 0 }));
    assert_eq!(refused.assert_problem(422, "invalid")["fields"][0]["field"], "uploadSpeedLimit");
    server.send(path, Some(&ana), &json!({ "uploadSpeedLimit": -1 })).assert_problem(400, "bad_request");
}
