//! `onhand graph`.

use super::Place;

#[test]
fn every_format_draws_the_example() {
    let place = Place::direct();
    for (format, begins) in
        [("dot", "digraph"), ("mermaid", "flowchart LR\n"), ("json", "{\n"), ("svg", "<svg xmlns=")]
    {
        let done = place.run(&format!("graph --format {format}")).ends(0).says_nothing();
        assert!(done.out.starts_with(begins), "{}", done.out);
        assert!(done.out.ends_with('\n'), "{}", done.out);
        done.tells(&["depot", "shop", "10m"]);
    }
    let default = place.run("graph").ends(0);
    assert_eq!(default.out, place.run("graph --format dot").ends(0).out);
}

#[test]
fn faults_are_drawn_at_the_node_that_they_point_into() {
    let place = Place::direct();
    place.change("onhand.kdl", "lag \"10m\" every=\"5m\"", "");
    place.change("onhand.kdl", "    orders direct to=depot within=\"5m\"", "    ");
    let done = place.run("graph --format json").ends(1);
    let graph: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    let rules = |part: &serde_json::Value| part["faults"].to_string();
    assert!(rules(&graph["systems"][1]).contains("orders-unaccounted"), "{graph}");
    assert!(rules(&graph["flows"][0]).contains("lag-missing"), "{graph}");
    assert!(graph["faults"].is_null() && graph["systems"][0]["faults"].is_null(), "{graph}");
    place.write("catalog.csv", "sku\n");
    let broken = place.run("graph --format json").ends(1);
    let graph: serde_json::Value = serde_json::from_str(&broken.out).unwrap();
    assert!(rules(&graph).contains("catalog-column"), "{graph}");
    done.says(&["in the topology, drawn in colour; `onhand check` says what they mean"]);
}

#[test]
fn warnings_are_drawn_and_end_well() {
    let place = Place::direct();
    place.change("onhand.kdl", "lag \"10m\" every=\"5m\"", "");
    let done = place.run("graph --format mermaid").ends(0);
    let done = done.says(&["1 warning in the topology, drawn in colour"]);
    done.tells(&["lag-missing", "classDef", "stroke:#a37100"]);
}

#[test]
fn without_anything_to_draw_the_errors_are_shown() {
    let place = Place::empty();
    place.run("graph").ends(1).tells_nothing().says(&["error[include-missing]"]);
    let place = Place::with("onhand language=2\n");
    place.run("graph --format svg").ends(1).tells_nothing().says(&["error[language-version]"]);
}
