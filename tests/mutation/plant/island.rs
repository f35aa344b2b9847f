//! A small sound topology beside the grown one, for mistakes that the grown one may have no place for.

use crate::mutation::written::Written;

/// Adds a shop of its own, with its own warehouse, place, item and flow. Names begin with `isle-`.
pub fn add(all: &mut Written) {
    all.append(ISLAND);
}

/// Adds the same, where the shop's orders are collected.
pub fn add_collecting(all: &mut Written) {
    add(all);
    let shop = all.find("system", "isle-shop").expect("it was added");
    shop.drop_children("orders");
    all.append(
        "flow isle-orders {
            collect orders cancellations returns from=isle-shop
            post to=isle-depot as=sale { reference \"{order}\" }
            lag \"10m\" every=\"5m\" reconcile=\"24h\"
        }",
    );
}

const ISLAND: &str = "
system isle-depot kind=memory role=warehouse {
    levels { code c; location l; on-hand q { net-of reserved } }
    acknowledges never
}
system isle-shop kind=vendure role=channel { url (env)ISLE_URL; key (env)ISLE_KEY; orders none }
location isle { in isle-depot ISLE; in isle-shop ISLE }
unit isle-piece
item ISLE-CAP unit=isle-piece { pack isle-box 6; in isle-depot ISLE-CAP; in isle-shop ISLE-CAP }
item ISLE-BELT unit=isle-piece { in isle-depot ISLE-BELT; in isle-shop ISLE-BELT }
owner isle-depot { of on-hand; at isle; items ISLE-CAP ISLE-BELT }
flow isle-stock { publish available to=isle-shop; at isle; lag \"10m\" every=\"5m\" }";
