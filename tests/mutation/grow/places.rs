//! Places, pools over them, calendars, and who counts where.

use super::{Part, Place, Plot, TAGS, maybe, one_of};
use crate::support::chance::Dice;

const TOWNS: [&str; 8] = ["paris", "lyon", "lille", "nantes", "brest", "metz", "nice", "dijon"];

pub(super) fn choose(plot: &mut Plot, dice: &mut Dice) {
    for owner in plot.systems_that(|system| system.counts()) {
        let located = plot.systems[owner].located;
        for _ in 0..if located { 1 + dice.below(2) } else { 1 } {
            let name = TOWNS[plot.places.len()].to_owned();
            let mut place = Place { name, owner, ..Place::default() };
            map(&mut place, owner, located);
            plot.places.push(place);
        }
    }
    let located = plot.systems_that(|system| system.counts() && system.located);
    if located.len() > 1 && dice.in_ten(4) {
        let shared = plot.places.iter_mut().find(|place| place.owner == located[0]);
        let shared = shared.expect("each system has a place");
        shared.beside = Some(located[1]);
        map(shared, located[1], true);
    }
    let targets = plot.systems_that(|system| !system.counts());
    for (order, target) in targets.into_iter().enumerate() {
        reach(plot, target, order == 0, dice);
    }
    if dice.in_ten(6) {
        plot.calendars.push("shop-days".to_owned());
    }
    if dice.in_ten(3) {
        plot.calendars.push("nights".to_owned());
    }
}

fn map(place: &mut Place, system: usize, located: bool) {
    let code = format!("{}{system}", place.name[..3].to_uppercase());
    place.mapped.insert(system, if located { code } else { String::new() });
}

/// Gives a target its places: all of them for the first, some for the others, or a pool.
fn reach(plot: &mut Plot, target: usize, all: bool, dice: &mut Dice) {
    let real: Vec<usize> = (0..plot.places.len()).filter(|at| plot.places[*at].pool.is_empty()).collect();
    let located = plot.systems[target].located;
    let first = one_of(dice, &real);
    let chosen: Vec<usize> = real.into_iter().filter(|at| all || *at == first || dice.in_ten(5)).collect();
    if plot.systems[target].sells() && dice.in_ten(3) {
        let name = format!("all-{}", plot.system(target));
        let mut pool = Place { name, pool: chosen.clone(), ..Place::default() };
        if chosen.len() > 2 && dice.in_ten(5) {
            let inner =
                Place { name: format!("half-{target}"), pool: chosen[1..].to_vec(), ..Place::default() };
            plot.places.push(inner);
            pool.pool = vec![chosen[0], plot.places.len() - 1];
        }
        map(&mut pool, target, located);
        plot.places.push(pool);
        return;
    }
    let chosen = if located { chosen } else { vec![first] };
    for at in chosen {
        map(&mut plot.places[at], target, located);
    }
}

pub(super) fn write(plot: &mut Plot, dice: &mut Dice) {
    for at in 0..plot.places.len() {
        let place = &plot.places[at];
        let mut inside: Vec<String> = Vec::new();
        if !place.pool.is_empty() {
            let members = place.pool.iter().map(|member| plot.places[*member].name.clone());
            inside.push(format!("pool {}", members.collect::<Vec<_>>().join(" ")));
        } else if dice.in_ten(3) {
            inside.push("cutoff \"14:00\"".to_owned());
            if let Some(calendar) = plot.calendars.first() {
                inside.push(format!("calendar {calendar}"));
            }
            inside.push(maybe(dice, 5, "timezone \"Europe/Paris\""));
        }
        for (system, code) in &place.mapped {
            inside.push(format!("in {} {code}", plot.system(*system)).trim_end().to_owned());
        }
        inside.retain(|line| !line.is_empty());
        let was = maybe(dice, 1, &format!(" was=old-{}", place.name));
        let text = format!("location {}{was} {{ {} }}", place.name, inside.join("; "));
        plot.say(Part::Places, text);
    }
    for name in plot.calendars.clone() {
        let text = match name.as_str() {
            "nights" => "calendar nights { open mon tue wed thu fri from=\"22:00\" to=\"05:00\" }",
            _ => {
                "calendar shop-days {\n    open mon tue wed thu fri from=\"08:00\" to=\"18:00\"\n    \
                 open sat from=\"09:00\" to=\"12:30\"\n    closed \"2026-12-25\" \"2027-01-01\" sun\n}"
            }
        };
        plot.say(Part::Calendars, text.to_owned());
    }
    owners(plot, dice);
}

/// What each counting system owns, place by place; a shelf that two share is divided by a tag.
fn owners(plot: &mut Plot, dice: &mut Dice) {
    let mut earlier: Vec<(usize, Vec<usize>, Vec<usize>)> = Vec::new();
    let tracked = plot.flows.iter().any(|flow| flow.name == "moves");
    for system in plot.systems_that(|system| system.counts()) {
        let own = &plot.systems[system];
        let mut of = vec!["on-hand"];
        if !own.net {
            of.push("reserved");
        }
        of.extend(own.extra.iter().copied());
        let here = |place: &&Place| place.pool.is_empty() && place.owner == system;
        let alone: Vec<usize> = index(plot, |place| here(&place) && place.beside.is_none());
        let shared: Vec<usize> = index(plot, |place| here(&place) && place.beside.is_some());
        let beside: Vec<usize> = index(plot, |place| place.beside == Some(system));
        let whole = shared.is_empty() && beside.is_empty() && plot.mapped(system) == alone;
        let parts = [
            (alone, String::new(), None),
            (shared, format!("items tag={}; ", TAGS[0]), Some(true)),
            (beside, format!("except tag={}; ", TAGS[0]), Some(false)),
        ];
        for (places, select, side) in parts.into_iter().filter(|(places, ..)| !places.is_empty()) {
            let names: Vec<&str> = places.iter().map(|at| plot.places[*at].name.as_str()).collect();
            let at = match whole && dice.in_ten(5) {
                true => String::new(),
                false => format!("at {}; ", names.join(" ")),
            };
            let sold = sold(plot, &places, side);
            let moves = earlier.iter().any(|(other, theirs, items)| {
                let followed = tracked && (*other == 0 || system == 0);
                *other != system
                    && !followed
                    && !theirs.iter().any(|place| places.contains(place))
                    && items.iter().any(|item| sold.contains(item))
            });
            let allow = match moves {
                true => "allow transfer-untracked reason=\"nothing moves\"; ",
                false => "",
            };
            let text = format!("owner {} {{ {at}{select}{allow}of {} }}", plot.system(system), of.join(" "));
            earlier.push((system, places, sold));
            plot.say(Part::Owners, text);
        }
    }
}

fn index(plot: &Plot, holds: impl Fn(&Place) -> bool) -> Vec<usize> {
    (0..plot.places.len()).filter(|at| holds(&plot.places[*at])).collect()
}

/// The items that channels sell from places, on one side of a divided shelf.
fn sold(plot: &Plot, places: &[usize], side: Option<bool>) -> Vec<usize> {
    let mut items: Vec<usize> = Vec::new();
    for flow in plot.flows.iter().filter(|flow| plot.systems[flow.to].sells()) {
        let draws = super::flows::draws(plot, flow).into_iter();
        items.extend(draws.filter(|(place, ..)| places.contains(place)).map(|(_, item, _)| item));
    }
    items.retain(|item| side.is_none_or(|side| plot.items[*item].tags.contains(&TAGS[0]) == side));
    items.sort();
    items.dedup();
    items
}
