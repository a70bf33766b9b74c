"""What the file says of itself: PDF/A-3 and PDF/UA-1 together, in the one RDF that validators read."""

from xml.etree import ElementTree

from weasyprint.pdf.metadata import NS, DocumentMetadata

_EXTENSION = {
    "pdfaExtension": "http://www.aiim.org/pdfa/ns/extension/",
    "pdfaSchema": "http://www.aiim.org/pdfa/ns/schema#",
    "pdfaProperty": "http://www.aiim.org/pdfa/ns/property#",
}
for _prefix, _uri in _EXTENSION.items():
    ElementTree.register_namespace(_prefix, _uri)

# PDF/A allows a property outside its own list only beside a description of its schema; this one describes `pdfuaid`.
_PDFUA_SCHEMA = f"""
<rdf:RDF xmlns:rdf="{NS["rdf"]}" xmlns:pdfuaid="{NS["pdfuaid"]}" {" ".join(f'xmlns:{p}="{u}"' for p, u in _EXTENSION.items())}>
  <rdf:Description rdf:about="" pdfuaid:part="1"/>
  <rdf:Description rdf:about="">
    <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
      <pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
      <pdfaSchema:namespaceURI>{NS["pdfuaid"]}</pdfaSchema:namespaceURI>
      <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
      <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
        <pdfaProperty:name>part</pdfaProperty:name>
        <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
        <pdfaProperty:category>internal</pdfaProperty:category>
        <pdfaProperty:description>The part of ISO 14289 that the file follows</pdfaProperty:description>
      </rdf:li></rdf:Seq></pdfaSchema:property>
    </rdf:li></rdf:Bag></pdfaExtension:schemas>
  </rdf:Description>
</rdf:RDF>
"""


class TwoStandards(DocumentMetadata):
    """WeasyPrint's metadata with the PDF/UA-1 mark set inside its RDF, where one variant alone would leave it out."""

    def generate_rdf_metadata(self, variant, version, conformance):
        """The RDF of the PDF/A `variant` with the PDF/UA description and its extension schema, as bytes."""
        rdf = ElementTree.fromstring(super().generate_rdf_metadata(variant, version, conformance))
        rdf.extend(ElementTree.fromstring(_PDFUA_SCHEMA))
        return ElementTree.tostring(rdf, encoding="utf-8")


def list_files_once(document, pdf) -> None:
    """Take doubled entries out of the catalogue's list of attached files; WeasyPrint names each file twice."""
    files = pdf.catalog["AF"]
    files[:] = dict.fromkeys(files)
