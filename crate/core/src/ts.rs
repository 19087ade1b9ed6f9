//! The TypeScript declarations of the page's interface, so that they are never written twice.

use fieldsync_protocol::ts::declare;
use ts_rs::Config;

use crate::*;

/// `export type …` for every type a page meets, and the map of calls.
pub fn declarations(config: &Config) -> Vec<String> {
    vec![
        declare::<Draft>(config),
        declare::<ItemState>(config),
        declare::<TroubleKind>(config),
        declare::<Trouble>(config),
        declare::<ReceiptView>(config),
        declare::<Item>(config),
        declare::<Shelf>(config),
        declare::<ListQuery>(config),
        declare::<Listing>(config),
        declare::<Choice>(config),
        declare::<Resolve>(config),
        declare::<RuleSet>(config),
        declare::<Trial>(config),
        declare::<HttpRequest>(config),
        declare::<HttpReply>(config),
        declare::<ConnectivityTest>(config),
        declare::<SignIn>(config),
        declare::<SignedOut>(config),
        declare::<Account>(config),
        declare::<OfMeter>(config),
        declare::<ServerRecord>(config),
        declare::<Latest>(config),
        declare::<RecordsQuery>(config),
        declare::<Records>(config),
        declare::<ById>(config),
        declare::<Nothing>(config),
        declare::<Cause>(config),
        declare::<Power>(config),
        declare::<SettingsChange>(config),
        declare::<Wake>(config),
        declare::<Why>(config),
        declare::<Hold>(config),
        declare::<Settled>(config),
        declare::<Totals>(config),
        declare::<Status>(config),
        declare::<Event>(config),
        declare::<CallCode>(config),
        declare::<CallError>(config),
        call::declaration(),
    ]
}
