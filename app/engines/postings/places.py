# ruff: noqa: E501 (patterns and word lists)
"""Cities and countries that advertisements name without saying that it is a place."""

from typing import Final

PLACES: Final = frozenset(
    place.strip().casefold()
    for place in """
    Germany, Deutschland, Austria, Österreich, Switzerland, Schweiz, France, Spain, España, Italy, Portugal, Netherlands, Belgium, Belgique,
    United Kingdom, UK, England, Scotland, Wales, Ireland, USA, United States, US, Canada, Australia, New Zealand, India, भारत, Pakistan, Bangladesh,
    Nepal, Sri Lanka, Singapore, Malaysia, Philippines, Indonesia, Japan, China, Hong Kong, South Korea, UAE, Qatar, Saudi Arabia, South Africa,
    Kenya, Nigeria, Ghana, Egypt, Morocco, Israel, Turkey, Poland, Polska, Czechia, Czech Republic, Hungary, Romania, Bulgaria, Greece, Denmark,
    Sweden, Norway, Finland, Estonia, Latvia, Lithuania, Ukraine, Mexico, México, Brazil, Argentina, Chile, Colombia, Peru, Europe, EU, Luxembourg,
    Berlin, Hamburg, München, Munich, Köln, Cologne, Frankfurt, Frankfurt am Main, Stuttgart, Düsseldorf, Dortmund, Essen, Leipzig, Bremen, Dresden,
    Hannover, Nürnberg, Nuremberg, Duisburg, Bochum, Bielefeld, Bonn, Münster, Karlsruhe, Mannheim, Augsburg, Wiesbaden, Freiburg, Kassel, Mainz,
    Rostock, Erfurt, Potsdam, Ulm, Würzburg, Regensburg, Heidelberg, Lübeck, Kiel, Jena, Göttingen, Aachen, Wien, Vienna, Graz, Linz, Salzburg,
    Innsbruck, Zürich, Zurich, Basel, Bern, Genf, Geneva, Genève, Lausanne, Winterthur, Luzern, St. Gallen, Paris, Lyon, Marseille, Toulouse, Nice,
    Nantes, Strasbourg, Montpellier, Bordeaux, Lille, Rennes, Reims, Grenoble, Dijon, Angers, Tours, Bruxelles, Brussels, Antwerp, Ghent, Gent, Amsterdam,
    Rotterdam, Utrecht, Eindhoven, The Hague, Den Haag, Madrid, Barcelona, Valencia, Sevilla, Seville, Zaragoza, Málaga, Malaga, Bilbao, Murcia, Alicante,
    Granada, Vigo, Palma, Lisbon, Lisboa, Porto, Rome, Roma, Milan, Milano, Turin, Torino, Naples, Bologna, Florence, London, Manchester, Birmingham,
    Leeds, Glasgow, Edinburgh, Liverpool, Bristol, Sheffield, Cardiff, Belfast, Newcastle, Nottingham, Leicester, Brighton, Oxford, Cambridge, Reading,
    York, Southampton, Portsmouth, Plymouth, Norwich, Exeter, Bath, Coventry, Hull, Derby, Aberdeen, Dundee, Swansea, Milton Keynes, Dublin, Cork, Galway,
    Limerick, New York, New York City, NYC, Brooklyn, Los Angeles, Chicago, Houston, Phoenix, Philadelphia, San Antonio, San Diego, Dallas, San Jose, Austin,
    San Francisco, Seattle, Denver, Boston, Portland, Las Vegas, Atlanta, Miami, Minneapolis, Detroit, Nashville, Baltimore, Charlotte, Columbus,
    Indianapolis, Memphis, Milwaukee, Cleveland, Pittsburgh, Tampa, Orlando, St. Louis, Kansas City, Sacramento, Salt Lake City, Raleigh, Washington,
    Washington DC, Oakland, Tucson, Albuquerque, Omaha, Cincinnati, Richmond, Buffalo, Boise, Madison, Spokane, Toledo, Toronto, Vancouver, Montreal, Montréal, Calgary,
    Ottawa, Edmonton, Winnipeg, Halifax, Québec, Sydney, Melbourne, Brisbane, Perth, Adelaide, Canberra, Hobart, Auckland, Wellington, Christchurch, Mumbai, Delhi,
    New Delhi, Bengaluru, Bangalore, Hyderabad, Chennai, Kolkata, Pune, Ahmedabad, Jaipur, Lucknow, Kanpur, Nagpur, Indore, Bhopal, Noida, Gurgaon,
    Gurugram, Kochi, Coimbatore, Chandigarh, Patna, Vadodara, Surat, Nashik, Thane, Mysuru, मुंबई, दिल्ली, नई दिल्ली, बेंगलुरु, हैदराबाद, चेन्नई, कोलकाता, पुणे,
    जयपुर, लखनऊ, इंदौर, भोपाल, नागपुर, पटना, कानपुर, अहमदाबाद, नोएडा, गुरुग्राम, Karachi, Lahore, Islamabad, Dhaka, Kathmandu, Colombo, Kuala Lumpur, Manila, Cebu, Jakarta, Bangkok,
    Tokyo, Osaka, Beijing, Shanghai, Shenzhen, Seoul, Taipei, Dubai, Abu Dhabi, Doha, Riyadh, Cairo, Casablanca, Lagos, Abuja, Accra, Nairobi, Cape Town,
    Johannesburg, Durban, Pretoria, Tel Aviv, Jerusalem, Istanbul, Ankara, Izmir, Athens, Warsaw, Warszawa, Kraków, Krakow, Wrocław, Gdańsk, Poznań, Łódź, Prague, Praha,
    Brno, Budapest, Bucharest, Cluj-Napoca, Sofia, Belgrade, Zagreb, Ljubljana, Copenhagen, Aarhus, Stockholm, Gothenburg, Malmö, Oslo, Bergen, Helsinki,
    Tallinn, Riga, Vilnius, Kyiv, Lviv, Mexico City, Guadalajara, Monterrey, São Paulo, Rio de Janeiro, Buenos Aires, Santiago, Bogotá, Medellín, Lima,
    California, Texas, Florida, New Jersey, Massachusetts, Ontario, British Columbia, Bavaria, Bayern, Hessen, Kent, Surrey, Essex, Yorkshire, Devon, Cornwall,
    Maharashtra, Karnataka, Tamil Nadu, Gujarat, Kerala, Remote EU, Worldwide
    """.replace("\n", " ").split(",")
)  # fmt: skip
