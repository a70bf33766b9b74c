"""What the file says of itself: PDF/A-3 and PDF/UA-1 together, in the one RDF that validators read."""

from weasyprint.pdf.metadata import NS, DocumentMetadata

# PDF/A allows a property outside its own list only beside a description of its schema; this one describes `pdfuaid`.
_PDFUA = f"""<rdf:Description xmlns:pdfuaid="{NS["pdfuaid"]}" rdf:about="" pdfuaid:part="1"/>
<rdf:Description rdf:about=""
    xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
    xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
    xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
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
"""
_END = b"</rdf:RDF>"


class TwoStandards(DocumentMetadata):
    """WeasyPrint's metadata with the PDF/UA-1 mark set inside its RDF, where one variant alone would leave it out."""

    def generate_rdf_metadata(self, variant, version, conformance):
        """The RDF of the PDF/A `variant` with the PDF/UA description and its extension schema, as bytes."""
        # Text in the metadata is escaped, so the end tag stands in it once.
        return super().generate_rdf_metadata(variant, version, conformance).replace(_END, _PDFUA.encode() + _END)
