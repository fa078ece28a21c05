//! The answer of `GET /api/places`.

use crate::domain::{Kind, Level, Revision, Visibility};
use crate::network::places::{Beside, Sort, class_words, street_words};
use crate::service::query::places::Place;
use serde::Serialize;
use utoipa::ToSchema;

/// Places that were found.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlacesAnswer {
    /// Revision of the world that answered.
    pub revision: u64,
    /// Best first.
    pub places: Vec<PlaceDoc>,
}

/// A place that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceDoc {
    /// `settlement`, `street`, `address`, `poi`, `crossing`, `division`, `resource` or `coordinate`.
    pub kind: &'static str,
    /// The same in Chinese.
    pub kind_zh: &'static str,
    /// The same in English.
    pub kind_en: &'static str,
    /// Kind of a resource, level of a division, datum of coordinates, otherwise the map's own word (`hospital`, `primary`).
    pub class: String,
    /// The class in Chinese, where there is a word for it.
    pub class_zh: Option<&'static str>,
    /// The class in English, where there is a word for it.
    pub class_en: Option<&'static str>,
    /// Id of a resource or code of a division.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Code of a resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: Option<String>,
    /// Longitude and latitude, degrees in the datum of the answer.
    pub position: [f64; 2],
    /// Straight-line distance from `lon` and `lat`, metres; null without them.
    pub distance_m: Option<f64>,
    /// Name of the division that it lies in or belongs to.
    pub division_name: Option<String>,
    /// Address of a resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// `operational` for what only staff may know of; absent on what is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<&'static str>,
    /// How it fits: `exact`, `prefix`, `substring`, `pinyin`, `initials`, `words` or `typo`.
    #[serde(rename = "match")]
    pub how: &'static str,
    /// The same in Chinese.
    pub match_zh: &'static str,
    /// The same in English.
    pub match_en: &'static str,
    /// Of an address, how it lies to the number asked for: `same`, `within`, `lower` or `higher`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub house: Option<&'static str>,
    /// The same in Chinese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub house_zh: Option<&'static str>,
    /// The same in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub house_en: Option<&'static str>,
}

impl PlacesAnswer {
    /// Puts what was found into wire form.
    pub fn of(revision: Revision, found: Vec<Place>) -> Self {
        Self { revision: revision.0, places: found.into_iter().map(PlaceDoc::of).collect() }
    }
}

impl PlaceDoc {
    fn of(place: Place) -> Self {
        let words = class(&place);
        Self {
            kind: place.sort.word(),
            kind_zh: place.sort.zh(),
            kind_en: place.sort.en(),
            class_zh: words.map(|(zh, _)| zh),
            class_en: words.map(|(_, en)| en),
            class: place.class,
            id: place.id,
            code: place.code,
            name: place.name,
            name_en: place.name_en,
            position: [place.position.lon(), place.position.lat()],
            distance_m: place.distance_m,
            division_name: place.division_name,
            address: place.address,
            visibility: Some(place.visibility).filter(|v| *v != Visibility::Public).map(Visibility::word),
            how: place.how.word(),
            match_zh: place.how.zh(),
            match_en: place.how.en(),
            house: place.beside.map(Beside::word),
            house_zh: place.beside.map(Beside::zh),
            house_en: place.beside.map(Beside::en),
        }
    }
}

fn class(place: &Place) -> Option<(&'static str, &'static str)> {
    match place.sort {
        Sort::Resource => Kind::from_word(&place.class).map(|kind| (kind.zh(), kind.en())),
        Sort::Division => Level::from_word(&place.class).map(|level| (level.zh(), level.en())),
        Sort::Street => street_words(&place.class),
        Sort::Settlement | Sort::Point => class_words(&place.class),
        Sort::Address | Sort::Crossing | Sort::Coordinate => None,
    }
}
